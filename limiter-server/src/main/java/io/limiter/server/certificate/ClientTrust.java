package io.limiter.server.certificate;

import java.net.Socket;
import java.nio.file.Path;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Whose certificates callers may show: those that the authorities of a PEM file signed. Java itself
 * goes on to believe an authority that has expired; this does not. What is refused is refused with
 * a {@link RefusedCertificateException}. Safe to use from any thread.
 */
public final class ClientTrust extends X509ExtendedTrustManager {
  /** What a caller chose is repeated in part. */
  private static final int MOST_CHARACTERS = 120;

  private final Path file;
  private final List<X509Certificate> authorities;
  private final Clock clock;
  private volatile Valid valid;

  /**
   * The authorities that are valid.
   *
   * @param java checks by them; null if there are none
   * @param until when there are others
   */
  private record Valid(@Nullable X509ExtendedTrustManager java, Instant until) {}

  private ClientTrust(Path file, List<X509Certificate> authorities, Clock clock) {
    this.file = file;
    this.authorities = List.copyOf(authorities);
    this.clock = clock;
    valid = validAt(clock.instant());
  }

  /**
   * Reads the authorities.
   *
   * @param whose they are, for messages
   * @throws UnusablePemException when the file holds none, or one that has expired
   */
  static ClientTrust read(Path file, String whose) throws UnusablePemException {
    return read(file, whose, Clock.systemUTC());
  }

  static ClientTrust read(Path file, String whose, Clock clock) throws UnusablePemException {
    PemFile pem = PemFile.read(file, "the CA of " + whose);
    List<X509Certificate> authorities = pem.certificates();
    Instant now = clock.instant();
    for (X509Certificate one : authorities) {
      if (hasExpired(one, now)) {
        throw pem.unusable(
            "holds %s, which expired at %s; put its successor in its place, or take it out"
                .formatted(subject(one), one.getNotAfter().toInstant()),
            null);
      }
    }
    return new ClientTrust(file, authorities, clock);
  }

  private Valid validAt(Instant now) {
    List<X509Certificate> good =
        authorities.stream().filter(one -> !hasExpired(one, now) && !isEarly(one, now)).toList();
    Instant until =
        authorities.stream()
            .map(one -> isEarly(one, now) ? one.getNotBefore() : one.getNotAfter())
            .map(end -> end.toInstant().plusMillis(1))
            .filter(now::isBefore)
            .min(Instant::compareTo)
            .orElse(Instant.MAX);
    return new Valid(good.isEmpty() ? null : trusting(good), until);
  }

  private static X509ExtendedTrustManager trusting(List<X509Certificate> authorities) {
    return (X509ExtendedTrustManager) TrustedPem.managers(authorities)[0];
  }

  private interface Check {
    void by(X509ExtendedTrustManager java) throws CertificateException;
  }

  private void check(X509Certificate[] chain, Check check) throws CertificateException {
    Instant now = clock.instant();
    Valid current = valid;
    if (!now.isBefore(current.until)) {
      current = validAt(now);
      valid = current;
    }
    X509ExtendedTrustManager java = current.java;
    try {
      if (java == null) {
        throw new CertificateException("no CA is valid");
      }
      check.by(java);
    } catch (CertificateException e) {
      // Java tells the caller by this cause which of the alerts it is.
      Throwable cause = e.getCause() instanceof CertPathValidatorException path ? path : e;
      throw new RefusedCertificateException(reason(chain, now, e), cause);
    }
  }

  private String reason(X509Certificate[] chain, Instant now, CertificateException failure) {
    X509Certificate shown = chain[0];
    String its = "its certificate, " + subject(shown) + ",";
    for (X509Certificate one : chain) {
      if (hasExpired(one, now)) {
        return "%s expired at %s; give it a new one"
            .formatted(
                one.equals(shown) ? its : its + " was signed by " + subject(one) + ", which",
                one.getNotAfter().toInstant());
      }
      if (isEarly(one, now)) {
        return "%s is not valid before %s; set the clocks, or give it another"
            .formatted(its, one.getNotBefore().toInstant());
      }
    }
    Optional<X509Certificate> expired =
        authorities.stream()
            .filter(one -> hasExpired(one, now) && signed(one, chain[chain.length - 1]))
            .findFirst();
    if (expired.isPresent()) {
      return "%s was signed by %s of %s, which expired at %s; put its successor into that file"
          .formatted(its, subject(expired.get()), file, expired.get().getNotAfter().toInstant());
    }
    if (authorities.stream().anyMatch(one -> signed(one, chain[chain.length - 1]))) {
      return "%s cannot be used: %s; give it another".formatted(its, clipped(failure.getMessage()));
    }
    return ("%s issued by %s, is signed by no CA in %s; give it one that is, or add its CA to that"
            + " file")
        .formatted(its, clipped(shown.getIssuerX500Principal().toString()), file);
  }

  /** By name, which is enough for a message. */
  private static boolean signed(X509Certificate authority, X509Certificate last) {
    return authority.getSubjectX500Principal().equals(last.getIssuerX500Principal())
        || authority.equals(last);
  }

  private static boolean hasExpired(X509Certificate one, Instant now) {
    return now.isAfter(one.getNotAfter().toInstant());
  }

  private static boolean isEarly(X509Certificate one, Instant now) {
    return now.isBefore(one.getNotBefore().toInstant());
  }

  private static String subject(X509Certificate one) {
    return clipped(one.getSubjectX500Principal().toString());
  }

  private static String clipped(@Nullable String text) {
    String whole = String.valueOf(text);
    return whole.length() <= MOST_CHARACTERS ? whole : whole.substring(0, MOST_CHARACTERS) + "...";
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    check(chain, java -> java.checkClientTrusted(chain, authType));
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    check(chain, java -> java.checkClientTrusted(chain, authType, socket));
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    check(chain, java -> java.checkClientTrusted(chain, authType, engine));
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    throw new CertificateException("these authorities are for callers only");
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    checkServerTrusted(chain, authType);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    checkServerTrusted(chain, authType);
  }

  /** Callers are told of none. Else they would show nothing instead of what can be told wrong. */
  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }
}
