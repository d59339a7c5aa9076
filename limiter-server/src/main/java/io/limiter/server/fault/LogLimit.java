package io.limiter.server.fault;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import com.google.common.util.concurrent.ThreadFactoryBuilder;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;
import org.slf4j.MarkerFactory;
import org.slf4j.helpers.FormattingTuple;
import org.slf4j.helpers.MessageFormatter;

/**
 * Bounds what the log takes, so that nothing from outside can fill it: callers, Redis, the network.
 * It stands before every logger of the process, the libraries' too, whatever the appenders are.
 *
 * <p>A line passes at once when it is new. The same line again is counted, and the log tells every
 * ten seconds how often it came. Each logger has room for {@value #MOST_LINES} different lines of a
 * level in these ten seconds; more are counted together. DEBUG and TRACE are not bounded: whoever
 * turns them on wants them.
 *
 * <p>Logback does not ask filters about the fluent calls of SLF4J, as by {@code atWarn}: nothing
 * here may use them.
 *
 * <p>A warning of a library has no stack and at most {@value #MOST_CHARACTERS} characters. Callers
 * cause these, and libraries print what callers sent. Safe to call from any thread.
 */
public final class LogLimit extends TurboFilter {
  static final Duration PERIOD = Duration.ofSeconds(10);
  static final int MOST_LINES = 20;
  static final int MOST_CHARACTERS = 500;

  private static final String OURS = "io.limiter.";

  /** Marks what this filter itself writes. Not registered, so no configuration meets it. */
  private static final Marker PASSED = MarkerFactory.getDetachedMarker("limited");

  private record Source(Logger logger, Level level) {}

  private final Map<Source, LineCounts> counts = new ConcurrentHashMap<>();
  private final Consumer<Runnable> later;

  private LogLimit(Consumer<Runnable> later) {
    this.later = later;
  }

  /** A limit by the system's clock. Its one thread does not keep the process alive. */
  public static LogLimit standard() {
    ScheduledExecutorService timer =
        Executors.newSingleThreadScheduledExecutor(
            new ThreadFactoryBuilder().setNameFormat("limiter-log").setDaemon(true).build());
    return of(
        end -> {
          var unused = timer.schedule(end, PERIOD.toNanos(), TimeUnit.NANOSECONDS);
        });
  }

  /**
   * A limit by another clock.
   *
   * @param later runs a task once, when {@link #PERIOD} is over
   */
  static LogLimit of(Consumer<Runnable> later) {
    LogLimit limit = new LogLimit(later);
    limit.start();
    return limit;
  }

  @Override
  public FilterReply decide(
      @Nullable Marker marker,
      Logger logger,
      Level level,
      @Nullable String format,
      Object @Nullable [] arguments,
      @Nullable Throwable thrown) {
    if (format == null
        || PASSED.equals(marker)
        || level.toInt() < Level.INFO_INT
        || level.toInt() < logger.getEffectiveLevel().toInt()) {
      return FilterReply.NEUTRAL;
    }
    FormattingTuple line = MessageFormatter.arrayFormat(format, arguments, thrown);
    Throwable with = line.getThrowable() == null ? thrown : line.getThrowable();
    String text = text(String.valueOf(line.getMessage()), with);
    if (!isNew(new Source(logger, level), text)) {
      return FilterReply.DENY;
    }
    boolean asItIs = logger.getName().startsWith(OURS) || level.toInt() > Level.WARN_INT;
    if (asItIs) {
      return FilterReply.NEUTRAL;
    }
    write(logger, level, text);
    return FilterReply.DENY;
  }

  private boolean isNew(Source source, String text) {
    LineCounts lines = counts.get(source);
    if (lines == null) {
      lines = counts.computeIfAbsent(source, first -> new LineCounts());
    }
    return switch (lines.add(text)) {
      case NEW -> true;
      case FIRST_OF_PERIOD -> {
        endLater(source, lines);
        yield true;
      }
      case COUNTED -> false;
    };
  }

  private void endLater(Source source, LineCounts lines) {
    later.accept(
        () -> {
          if (isStarted() && lines.end(more -> write(source.logger, source.level, more))) {
            endLater(source, lines);
          }
        });
  }

  private static void write(Logger logger, Level level, String text) {
    logger.log(
        PASSED,
        LogLimit.class.getName(),
        Level.toLocationAwareLoggerInteger(level),
        text,
        null,
        null);
  }

  /**
   * The line as it is compared: two failures with one message and different stacks are the same.
   */
  private static String text(String message, @Nullable Throwable thrown) {
    String whole = thrown == null ? message : message + ": " + thrown;
    return whole.length() <= MOST_CHARACTERS
        ? whole
        : whole.substring(0, MOST_CHARACTERS) + "... (" + whole.length() + " characters)";
  }
}
