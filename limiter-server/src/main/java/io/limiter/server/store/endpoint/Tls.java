package io.limiter.server.store.endpoint;

import java.nio.file.Path;
import java.util.Optional;

/**
 * TLS to Redis. All files are read for each connection.
 *
 * @param ca a PEM file of the certificates to trust; empty for those that Java trusts
 * @param own the certificate that the service shows; empty for none
 */
public record Tls(Optional<Path> ca, Optional<Own> own) {
  /** Trusts what Java trusts, and shows no certificate. */
  public static final Tls DEFAULT = new Tls(Optional.empty(), Optional.empty());

  /**
   * A certificate and its key.
   *
   * @param certificate a PEM file of it, and of those that signed it
   * @param key a PEM file of its private key
   */
  public record Own(Path certificate, Path key) {}

  /** The same, trusting the certificates in a PEM file. */
  public Tls trusting(Path pem) {
    return new Tls(Optional.of(pem), own);
  }

  /** The same, showing a certificate. */
  public Tls showing(Path certificate, Path key) {
    return new Tls(ca, Optional.of(new Own(certificate, key)));
  }
}
