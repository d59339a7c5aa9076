package io.limiter.server.certificate;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the log when the certificate that a port shows is about to expire, and when it has: callers
 * would tell nobody but themselves. Each is told once of each certificate. For one thread.
 */
final class CertificateEnd {
  private static final Logger log = LoggerFactory.getLogger(CertificateEnd.class);

  /** Of its time, the part in which it should have been replaced. */
  private static final int LAST_PART = 10;

  private final ServerTls tls;
  private Optional<PemIdentity> told = Optional.empty();
  private boolean over;

  CertificateEnd(ServerTls tls) {
    this.tls = tls;
  }

  /** Tells what is to be told now of what is shown. */
  void look(PemIdentity shown, Instant now) {
    if (!told.equals(Optional.of(shown))) {
      told = Optional.empty();
      over = false;
    }
    Instant end =
        shown.chain().stream()
            .map(one -> one.getNotAfter().toInstant())
            .min(Comparator.naturalOrder())
            .orElse(Instant.MAX);
    Instant begin = shown.chain().get(0).getNotBefore().toInstant();
    if (now.isAfter(end)) {
      if (!over) {
        log.warn(
            "{} shows a certificate that expired at {}, so callers refuse it; put its successor into {}",
            tls.port(),
            end,
            tls.certificate());
      }
      over = true;
      told = Optional.of(shown);
    } else if (told.isEmpty()
        && now.isAfter(end.minus(Duration.between(begin, end).dividedBy(LAST_PART)))) {
      log.warn(
          "{} shows a certificate that expires at {}; put its successor into {}",
          tls.port(),
          end,
          tls.certificate());
      told = Optional.of(shown);
    }
  }
}
