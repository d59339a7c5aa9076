package io.limiter.server.store.endpoint;

import java.util.List;
import java.util.Optional;

/** Why no connection to Redis could be made, and what to set. */
public final class ConnectFailure {
  private record Hint(String in, String remedy) {}

  private static final String CERTIFICATE =
      "it wants a certificate that its CA signed: name one with --redis-cert and --redis-key";

  private static final List<Hint> HINTS =
      List.of(
          new Hint(
              "NOAUTH",
              "it wants a password: put one into a file and name that with --redis-password-file,"
                  + " or write redis://:PASSWORD@HOST"),
          new Hint("WRONGPASS", "correct --redis, or the file of --redis-password-file"),
          new Hint("ERR invalid password", "correct --redis, or the file of --redis-password-file"),
          new Hint("without any password configured", "give it none: it has none"),
          new Hint("but no password is set", "give it none: it has none"),
          new Hint("not an SSL/TLS record", "it speaks no TLS there: write redis:// for rediss://"),
          new Hint("bad_certificate", CERTIFICATE),
          new Hint("certificate_required", CERTIFICATE),
          new Hint("valid certification path", "name its CA's certificate with --redis-ca FILE"),
          new Hint("subject alternative", "name the host that its certificate is for"),
          new Hint("No name matching", "name the host that its certificate is for"));

  private ConnectFailure() {}

  /**
   * What to set.
   *
   * @param message of the exception, or what Redis answered
   * @return empty if the message is not one of those that this class knows
   */
  public static Optional<String> remedy(String message) {
    return HINTS.stream().filter(hint -> message.contains(hint.in)).findFirst().map(Hint::remedy);
  }

  /** What to set if it was a Sentinel that said so. */
  public static Optional<String> sentinelRemedy(String message) {
    return remedy(message)
        .map(
            remedy ->
                remedy.contains("--redis-password-file")
                    ? message.contains("NOAUTH")
                        ? "it wants a password: put one into a file and name that with"
                            + " --redis-sentinel-password-file"
                        : "correct the file of --redis-sentinel-password-file"
                    : remedy);
  }
}
