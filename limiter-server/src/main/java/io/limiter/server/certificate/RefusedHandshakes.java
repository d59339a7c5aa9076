package io.limiter.server.certificate;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the log of a port's handshakes that failed: who came, why it was refused, and what to do.
 * Whoever only connects and goes again is not worth a line. Safe to use from any thread.
 */
public final class RefusedHandshakes {
  private static final Logger log = LoggerFactory.getLogger(RefusedHandshakes.class);
  private static final int MOST_CHARACTERS = 200;

  private final ServerTls tls;

  /** Of a port. */
  public RefusedHandshakes(ServerTls tls) {
    this.tls = tls;
  }

  /**
   * One has failed.
   *
   * @param caller null if it is not known
   */
  public void failed(@Nullable SocketAddress caller, Throwable failure) {
    Optional<String> why = reason(failure);
    if (why.isPresent()) {
      log.warn("{} refused a caller from {}: {}", tls.port(), host(caller), why.get());
    } else {
      log.debug("A handshake of {} ended early", tls.port(), failure);
    }
  }

  /** Empty for whoever went without a word. */
  private Optional<String> reason(Throwable failure) {
    SSLException last = null;
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof RefusedCertificateException refused) {
        return Optional.of(String.valueOf(refused.getMessage()));
      }
      // Of Netty, as it is and as it is shaded for gRPC.
      String kind = cause.getClass().getSimpleName();
      if (kind.equals("NotSslRecordException")) {
        return Optional.of("it speaks no TLS, which this port does; have it connect with TLS");
      }
      if (cause instanceof SSLException ssl
          && !kind.equals("StacklessSSLHandshakeException")
          && !kind.equals("SslHandshakeTimeoutException")
          && !kind.equals("SslClosedEngineException")) {
        last = ssl;
      }
    }
    return last == null ? Optional.empty() : Optional.of(reason(String.valueOf(last.getMessage())));
  }

  private String reason(String message) {
    String lower = message.toLowerCase(Locale.ROOT);
    if (lower.contains("empty client certificate chain")
        || lower.contains("null cert chain")
        || lower.contains("empty server certificate chain")) {
      return "it showed no certificate; give it one that a CA in %s signed, or set %sclient-auth optional"
          .formatted(tls.clientCa().map(Object::toString).orElse("the CA's file"), tls.option());
    }
    if (lower.contains("protocol version") || lower.contains("client requested protocol")) {
      return "it speaks no TLS that this port does; have it use TLS 1.2 or 1.3";
    }
    if (lower.contains("fatal alert: certificate_unknown")
        || lower.contains("fatal alert: unknown_ca")
        || lower.contains("fatal alert: bad_certificate")
        || lower.contains("fatal alert: certificate_expired")
        // Of gRPC for Java.
        || lower.contains("fatal alert: internal_error")) {
      return "it seems not to trust the certificate in %s; give it the CA that signed that one"
          .formatted(tls.certificate());
    }
    return "the TLS handshake failed: "
        + (message.length() <= MOST_CHARACTERS
            ? message
            : message.substring(0, MOST_CHARACTERS) + "...");
  }

  private static String host(@Nullable SocketAddress caller) {
    return caller instanceof InetSocketAddress internet && internet.getAddress() != null
        ? internet.getAddress().getHostAddress()
        : String.valueOf(caller);
  }
}
