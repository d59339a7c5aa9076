package io.limiter.server.certificate;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks each second whether the files of TLS have changed, and has new connections use what they
 * hold. What cannot be used leaves the old in force, and is logged once. Files that are replaced
 * one after the other are given a second to match.
 */
public final class CertificateWatch implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(CertificateWatch.class);
  private static final long INTERVAL_MILLIS = 1_000;

  private final ServerTls tls;
  private final Clock clock;
  private final CertificateEnd end;
  private final Function<ServerTls.Loaded, CompletionStage<?>> update;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          new ThreadFactoryBuilder().setNameFormat("limiter-tls-files").setDaemon(true).build());

  /** What the files held when they were last taken, or refused. */
  private byte[] settled;

  /** What they held at the last look. */
  private byte[] seen;

  /** What new connections are shown; empty until it is looked at. */
  private Optional<PemIdentity> shown = Optional.empty();

  /**
   * Remembers what the files hold now, to be made before they are read.
   *
   * @param update puts what was read in force, for connections to come
   */
  public CertificateWatch(ServerTls tls, Function<ServerTls.Loaded, CompletionStage<?>> update) {
    this(tls, Clock.systemUTC(), update);
  }

  CertificateWatch(
      ServerTls tls, Clock clock, Function<ServerTls.Loaded, CompletionStage<?>> update) {
    this.tls = tls;
    this.clock = clock;
    this.update = update;
    end = new CertificateEnd(tls);
    settled = content();
    seen = settled;
  }

  /** Looks each second from now on, on a thread of its own, until it is closed. */
  public void start() {
    var unused =
        timer.scheduleWithFixedDelay(
            this::lookOn, INTERVAL_MILLIS, INTERVAL_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** A look that fails is no reason to look no more. */
  private void lookOn() {
    try {
      look();
    } catch (RuntimeException e) {
      log.warn("{} goes on with the old certificate", tls.port(), e);
    }
  }

  /** A file may be looked at between two that are replaced: what is half new is no change yet. */
  void look() {
    byte[] now = content();
    boolean stays = Arrays.equals(now, seen);
    seen = now;
    if (Arrays.equals(now, settled)) {
      lookAtEnd();
      return;
    }
    try {
      ServerTls.Loaded loaded = tls.read();
      settled = now;
      shown = Optional.of(loaded.identity());
      var unused =
          update
              .apply(loaded)
              .whenComplete(
                  (done, failure) -> {
                    if (failure == null) {
                      log.info("{} shows a new certificate: {}", tls.port(), loaded.identity());
                    } else {
                      log.warn("{} goes on with the old certificate", tls.port(), failure);
                    }
                  });
    } catch (UnusablePemException e) {
      if (stays) {
        settled = now;
        log.warn("{} goes on with the old certificate, since {}", tls.port(), e.getMessage());
      }
    }
  }

  private void lookAtEnd() {
    try {
      if (shown.isEmpty()) {
        shown = Optional.of(tls.read().identity());
      }
      end.look(shown.get(), clock.instant());
    } catch (UnusablePemException replacedMeanwhile) {
      // The next look finds it changed.
    }
  }

  /** Empty in the place of what cannot be read. */
  private byte[] content() {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (Path file : tls.files()) {
      all.write(0);
      try {
        all.writeBytes(Files.readAllBytes(file));
      } catch (IOException unreadable) {
        all.write(1);
      }
    }
    return all.toByteArray();
  }

  /** Looks no more. */
  @Override
  public void close() {
    timer.shutdownNow();
  }
}
