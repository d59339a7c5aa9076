package io.limiter.server.cli.option;

import io.limiter.server.api.CallerBounds;
import io.limiter.server.api.RequestLimits;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;

/** What callers may ask of the service, and what they get beyond that. */
@Command
public final class BoundOptions {
  private static final int MOST_COUNTERS = 10_000_000;

  @Option(
      names = "--on-overload",
      paramLabel = "ANSWER",
      converter = Answer.class,
      description =
          "What questions get that this instance cannot take on: error or rule (each rule's"
              + " on-redis-failure). Default: error.")
  private CallerBounds.OnOverload onOverload = CallerBounds.DEFAULTS.onOverload();

  @Option(
      names = "--inline-rules",
      paramLabel = "true|false",
      arity = "0..1",
      fallbackValue = "true",
      converter = OptionTypes.Switch.class,
      description = "Take rules that come with requests. Default: true.")
  private boolean inlineRules = true;

  @Option(
      names = "--inline-rules-max-window",
      paramLabel = "TIME",
      converter = Window.class,
      description = "Longest window of such a rule, 1s to 8784h. Default: 24h.")
  private Duration inlineWindow = RequestLimits.DEFAULTS.inlineWindow();

  @Option(
      names = "--inline-rules-max-counters",
      paramLabel = "N",
      converter = Counters.class,
      description = "Most counters of such rules at a time, 1 to 10000000. Default: 200000.")
  private int inlineCounters = CallerBounds.DEFAULTS.inlineCounters();

  /** What was chosen. */
  public CallerBounds bounds() {
    RequestLimits usual = RequestLimits.DEFAULTS;
    return new CallerBounds(
        onOverload,
        usual.withInline(inlineRules ? usual.inlineRules() : 0, inlineWindow),
        inlineCounters);
  }

  /** What is answered to what cannot be taken on. */
  static final class Answer implements ITypeConverter<CallerBounds.OnOverload> {
    @Override
    public CallerBounds.OnOverload convert(String text) {
      return switch (text) {
        case "error" -> CallerBounds.OnOverload.ERROR;
        case "rule" -> CallerBounds.OnOverload.RULE;
        default -> throw OptionTypes.bad(text, "an answer", "use error or rule");
      };
    }
  }

  /** How long a counter that anybody may make may last. */
  static final class Window implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      return OptionTypes.duration(
          text, Duration.ofSeconds(1), Duration.ofDays(366), "use 1s to 8784h");
    }
  }

  /** How many there may be. */
  static final class Counters implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      if (!text.matches("[0-9]{1,8}")) {
        throw OptionTypes.bad(text, "a number", "use 1 to 10000000");
      }
      int counters = Integer.parseInt(text);
      if (counters < 1 || counters > MOST_COUNTERS) {
        throw OptionTypes.bad(text, "in range", "use 1 to 10000000");
      }
      return counters;
    }
  }
}
