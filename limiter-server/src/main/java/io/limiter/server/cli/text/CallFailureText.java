package io.limiter.server.cli.text;

import com.google.common.net.HostAndPort;
import io.grpc.Status;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Why a call of a service got no response: what is there in its place, and what to do. */
public final class CallFailureText {
  /** How gRPC quotes what it read in place of HTTP/2: {@code HTTP/} in hexadecimal digits. */
  private static final String HTTP_1 = "485454502f";

  /** The first bytes of a TLS alert: its type, and the version's first byte. */
  private static final String TLS_ALERT = "1503";

  private static final String TLS = "TLS";
  private static final String NOT_HTTP_2 = "First received frame was not SETTINGS";

  private CallFailureText() {}

  /**
   * The text of a failed call.
   *
   * @param deadline the longest wait that the call allowed
   */
  public static String of(HostAndPort target, Duration deadline, Status status) {
    String other = spokenInstead(status.getCause());
    if (other.equals(TLS)) {
      return "%s speaks TLS; add --cacert with the CA of its certificate, or name the service's gRPC port with --target, 8081 by default"
          .formatted(target);
    }
    if (!other.isEmpty()) {
      return "%s speaks %s, not gRPC without TLS; name the service's gRPC port with --target, 8081 by default"
          .formatted(target, other);
    }
    return switch (status.getCode()) {
      case UNAVAILABLE, INTERNAL -> unavailable(target, status);
      case DEADLINE_EXCEEDED ->
          "no answer from %s within %d ms; wait longer with --deadline, or look at its log"
              .formatted(target, deadline.toMillis());
      case UNIMPLEMENTED ->
          "%s speaks gRPC, but is no limiter that knows this question; name another with --target"
              .formatted(target);
      case UNAUTHENTICATED ->
          "%s does not know who asks: %s; name a file with the token by --token-file"
              .formatted(target, status.getDescription());
      default ->
          "%s refused the question: %s: %s"
              .formatted(target, status.getCode(), status.getDescription());
    };
  }

  private static String unavailable(HostAndPort target, Status status) {
    Throwable cause = status.getCause();
    if (cause != null && hasNoAddress(cause)) {
      return "no answer from %s: this name has no address; name another with --target"
          .formatted(target);
    }
    String failed = handshake(cause);
    if (!failed.isEmpty()) {
      return "no answer from %s over TLS: %s".formatted(target, failed);
    }
    if (cause != null && reason(cause).contains("Connection reset")) {
      return closed(target);
    }
    if (cause != null) {
      return "no answer from %s: %s; start it with \"limiter serve\", or name another with --target"
          .formatted(target, reason(cause));
    }
    String description = String.valueOf(status.getDescription());
    if (description.startsWith("Network closed")) {
      return closed(target);
    }
    return status.getCode() == Status.Code.UNAVAILABLE
        ? "%s cannot decide now: %s".formatted(target, description)
        : "%s failed to decide: %s".formatted(target, description);
  }

  private static String closed(HostAndPort target) {
    return ("%s took the connection and closed it without an answer; does it speak TLS?"
            + " Add --cacert, or name the service's gRPC port with --target, 8081 by default")
        .formatted(target);
  }

  /** What the other end spoke in place of HTTP/2; empty if that is not known. */
  private static String spokenInstead(@Nullable Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      String message = String.valueOf(cause.getMessage());
      if (message.contains(NOT_HTTP_2)) {
        if (message.contains(HTTP_1)) {
          return "HTTP/1";
        }
        return message.contains(": " + TLS_ALERT) ? TLS : "something else";
      }
    }
    return "";
  }

  /** Why there is no TLS, and what to do; empty if that is not what failed. */
  private static String handshake(@Nullable Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      String message = String.valueOf(cause.getMessage());
      if (cause.getClass().getSimpleName().equals("NotSslRecordException")) {
        return "it speaks none; ask without --tls, --cacert and --cert";
      }
      // As Java has it, and OpenSSL.
      if (message.contains("fatal alert") || message.contains("_ALERT_")) {
        return "it refused: %s; show it a certificate that its CA signed, with --cert and --key"
            .formatted(message);
      }
      if (cause instanceof CertificateException) {
        return "%s; name the CA of its certificate with --cacert, and a name that is in it with --target"
            .formatted(message);
      }
    }
    return "";
  }

  private static boolean hasNoAddress(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof UnknownHostException) {
        return true;
      }
    }
    return false;
  }

  /** The root's message, without the name of the system call that the transport puts before it. */
  private static String reason(Throwable failure) {
    Throwable root = failure;
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      root = cause;
    }
    return String.valueOf(root.getMessage())
        .replaceFirst("^\\w+\\(\\.\\.\\) failed with error\\(-?\\d+\\): ", "");
  }
}
