package io.limiter.server.store.endpoint;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;

/** A PEM file of certificates to trust. */
public final class TrustedCertificates {
  private TrustedCertificates() {}

  /**
   * Checks that a file holds some.
   *
   * @throws IOException when it does not; the message says why and what to do
   */
  public static void check(Path pem) throws IOException {
    try (InputStream in = Files.newInputStream(pem)) {
      if (CertificateFactory.getInstance("X.509").generateCertificates(in).isEmpty()) {
        throw new IOException(notPem(pem));
      }
    } catch (CertificateException e) {
      throw new IOException(notPem(pem), e);
    } catch (NoSuchFileException e) {
      throw new IOException(pem + " is not there; name a PEM file with the CA's certificate", e);
    }
  }

  private static String notPem(Path pem) {
    return pem + " holds no certificate; name a PEM file, with BEGIN CERTIFICATE in it";
  }
}
