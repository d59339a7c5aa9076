package io.limiter.server.certificate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.limiter.testing.Authority;
import io.limiter.testing.Identity;
import io.limiter.testing.SetClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What each look at the files of TLS finds, one look at a time. */
class CertificateWatchTest {
  private static final Logger SPEAKER = (Logger) LoggerFactory.getLogger(CertificateWatch.class);

  @TempDir static Path folder;
  private static Identity first;
  private static Identity second;

  @TempDir Path files;
  private final AtomicInteger updates = new AtomicInteger();
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();

  @BeforeAll
  static void make() throws Exception {
    first = Identity.make(folder, "first", "san=dns:localhost");
    second = Identity.make(folder, "second", "san=dns:localhost");
  }

  @BeforeEach
  void listen() {
    log.list = new CopyOnWriteArrayList<>();
    log.start();
    SPEAKER.addAppender(log);
  }

  @AfterEach
  void listenNoMore() {
    SPEAKER.detachAppender(log);
  }

  private Path replace(String name, Path by) throws IOException {
    return Files.copy(by, files.resolve(name), StandardCopyOption.REPLACE_EXISTING);
  }

  private CertificateWatch watch() throws IOException {
    Path certificate = replace("tls.crt", first.certificate());
    Path key = replace("tls.key", first.key());
    return new CertificateWatch(
        new ServerTls("HTTP", certificate, key, Optional.empty()),
        options -> {
          updates.incrementAndGet();
          return CompletableFuture.completedFuture(null);
        });
  }

  /** Its last tenth is time enough to replace it, however long it lasts. */
  @Test
  void aCertificateThatEnds_isToldOfOnce_andOnceWhenItIsOver() throws Exception {
    Authority authority = new Authority("ca");
    Authority.Signed old = authority.sign("a", Duration.ofHours(-10), Duration.ofHours(10));
    Authority.Signed next = authority.sign("b", Duration.ofHours(-10), Duration.ofHours(1_000));
    replace("tls.crt", old.certificateFile(folder));
    Path certificate = files.resolve("tls.crt");
    Path key = replace("tls.key", old.keyFile(folder));
    SetClock clock = new SetClock(Instant.now());
    CertificateWatch watch =
        new CertificateWatch(
            new ServerTls("gRPC", certificate, key, Optional.empty()),
            clock,
            loaded -> CompletableFuture.completedFuture(null));
    Logger speaker = (Logger) LoggerFactory.getLogger(CertificateEnd.class);
    speaker.addAppender(log);
    try {
      Instant end = old.certificate().getNotAfter().toInstant();
      for (int minutes : new int[] {0, 478, 482, 500, 598, 602, 700}) {
        clock.set(end.minus(Duration.ofMinutes(600 - minutes)));
        watch.look();
      }
      String successor = "; put its successor into " + certificate;
      assertEquals(
          List.of(
              "gRPC shows a certificate that expires at " + end + successor,
              "gRPC shows a certificate that expired at %s, so callers refuse it%s"
                  .formatted(end, successor)),
          lines());
      replace("tls.crt", next.certificateFile(folder));
      replace("tls.key", next.keyFile(folder));
      watch.look();
      watch.look();
      assertEquals(3, lines().size(), () -> lines().toString());
    } finally {
      speaker.detachAppender(log);
    }
  }

  private List<String> lines() {
    return log.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  @Test
  void filesThatStay_areNotReadAgain() throws Exception {
    CertificateWatch watch = watch();
    watch.look();
    watch.look();
    assertEquals(0, updates.get());
    assertEquals(List.of(), lines());
  }

  @Test
  void filesReplacedOneAfterTheOther_areTakenWhenTheyMatch() throws Exception {
    CertificateWatch watch = watch();
    replace("tls.crt", second.certificate());
    watch.look();
    assertEquals(0, updates.get());
    assertEquals(List.of(), lines());
    replace("tls.key", second.key());
    watch.look();
    watch.look();
    assertEquals(1, updates.get());
    assertEquals(1, lines().size(), () -> lines().toString());
  }

  @Test
  void whatCannotBeUsed_isLoggedOnce_andAgainWhenItChanges() throws Exception {
    CertificateWatch watch = watch();
    Path certificate = replace("tls.crt", second.certificate());
    for (int i = 0; i < 5; i++) {
      watch.look();
    }
    assertEquals(1, lines().size(), () -> lines().toString());
    Files.delete(certificate);
    for (int i = 0; i < 5; i++) {
      watch.look();
    }
    assertEquals(2, lines().size(), () -> lines().toString());
    assertEquals(0, updates.get());
  }

  /** The next change is taken as if there had been no other. */
  @Test
  void whatIsMended_isTaken() throws Exception {
    CertificateWatch watch = watch();
    replace("tls.crt", second.certificate());
    watch.look();
    watch.look();
    replace("tls.key", second.key());
    watch.look();
    assertEquals(1, updates.get());
  }
}
