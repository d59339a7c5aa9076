package io.limiter.server.certificate;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A PEM file of certificates to trust. */
public final class TrustedPem {
  private TrustedPem() {}

  /**
   * Reads one.
   *
   * @param whose they are, for messages
   * @return the certificates, one or more, as a PEM file has them
   * @throws UnusablePemException when the file holds none
   */
  public static byte[] read(Path pem, String whose) throws UnusablePemException {
    return PemIdentity.pem(certificates(pem, whose));
  }

  /**
   * TLS that trusts these alone.
   *
   * @param whose they are, for messages
   * @throws UnusablePemException when the file holds none
   */
  public static SSLContext context(Path pem, String whose) throws UnusablePemException {
    List<X509Certificate> trusted = certificates(pem, whose);
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      for (X509Certificate one : trusted) {
        store.setCertificateEntry(Integer.toString(store.size()), one);
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("this Java has no TLS", e);
    }
  }

  private static List<X509Certificate> certificates(Path pem, String whose)
      throws UnusablePemException {
    return PemFile.read(pem, "the CA of " + whose).certificates();
  }
}
