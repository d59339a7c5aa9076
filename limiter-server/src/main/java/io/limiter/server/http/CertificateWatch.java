package io.limiter.server.http;

import io.limiter.server.certificate.UnusablePemException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.ServerSSLOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks each second whether the files of TLS have changed, and has new connections use what they
 * hold. What cannot be used leaves the old in force, and is logged once. Files that are replaced
 * one after the other are given a second to match.
 */
final class CertificateWatch {
  private static final Logger log = LoggerFactory.getLogger(CertificateWatch.class);
  private static final long INTERVAL_MILLIS = 1_000;

  private final HttpTls tls;
  private final Function<ServerSSLOptions, Future<?>> update;

  /** What the files held when they were last taken, or refused. */
  private byte[] settled;

  /** What they held at the last look. */
  private byte[] seen;

  /**
   * Remembers what the files hold now, to be made before they are read.
   *
   * @param update puts what was read in force, for connections to come
   */
  CertificateWatch(HttpTls tls, Function<ServerSSLOptions, Future<?>> update) {
    this.tls = tls;
    this.update = update;
    settled = content();
    seen = settled;
  }

  /** Watches as long as Vert.x is open. */
  void start(Vertx vertx) {
    vertx.setTimer(INTERVAL_MILLIS, due -> lookOn(vertx));
  }

  private void lookOn(Vertx vertx) {
    var unused =
        vertx
            .executeBlocking(
                () -> {
                  look();
                  return null;
                })
            .onComplete(looked -> vertx.setTimer(INTERVAL_MILLIS, due -> lookOn(vertx)));
  }

  /** A file may be looked at between two that are replaced: what is half new is no change yet. */
  void look() {
    byte[] now = content();
    boolean stays = Arrays.equals(now, seen);
    seen = now;
    if (Arrays.equals(now, settled)) {
      return;
    }
    try {
      HttpTls.Loaded loaded = tls.read();
      settled = now;
      update
          .apply(loaded.options())
          .onSuccess(updated -> log.info("HTTP shows a new certificate: {}", loaded.identity()))
          .onFailure(refused -> log.warn("HTTP goes on with the old certificate", refused));
    } catch (UnusablePemException e) {
      if (stays) {
        settled = now;
        log.warn("HTTP goes on with the old certificate, since {}", e.getMessage());
      }
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
}
