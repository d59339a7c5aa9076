package io.limiter.server.certificate;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/** A PEM file of certificates to trust. */
public final class TrustedPem {
  private TrustedPem() {}

  /**
   * TLS that trusts these alone.
   *
   * @param whose they are, for messages
   * @throws UnusablePemException when the file holds none
   */
  public static SSLContext context(Path pem, String whose) throws UnusablePemException {
    TrustManager[] trusted = managers(pem, whose);
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trusted, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java has no TLS", e);
    }
  }

  /**
   * What trusts these alone.
   *
   * @param whose they are, for messages
   * @throws UnusablePemException when the file holds none
   */
  public static TrustManager[] managers(Path pem, String whose) throws UnusablePemException {
    return managers(PemFile.read(pem, "the CA of " + whose).certificates());
  }

  static TrustManager[] managers(List<X509Certificate> trusted) {
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      for (X509Certificate one : trusted) {
        store.setCertificateEntry(Integer.toString(store.size()), one);
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      return trust.getTrustManagers();
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("this Java has no TLS", e);
    }
  }
}
