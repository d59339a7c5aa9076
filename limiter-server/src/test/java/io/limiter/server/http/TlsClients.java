package io.limiter.server.http;

import io.limiter.server.certificate.ServerTls;
import io.limiter.testing.Identity;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** Certificates for this host, and clients that trust them. */
final class TlsClients {
  private TlsClients() {}

  static Identity identity(Path folder, String name) throws Exception {
    return Identity.make(folder, name, "san=ip:127.0.0.1,dns:localhost");
  }

  static ServerTls tls(Identity identity) {
    return new ServerTls("HTTP", identity.certificate(), identity.key(), Optional.empty());
  }

  /** Trusts these, and shows none. */
  static SSLContext trusting(Identity... trusted) throws GeneralSecurityException, IOException {
    return context(Optional.empty(), trusted);
  }

  /** Shows the first one. */
  static SSLContext showing(Identity own, Identity... trusted)
      throws GeneralSecurityException, IOException {
    return context(Optional.of(own), trusted);
  }

  private static SSLContext context(Optional<Identity> own, Identity... trusted)
      throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    for (Identity one : trusted) {
      String alias = one.keys().aliases().nextElement();
      store.setCertificateEntry(one.certificate().toString(), one.keys().getCertificate(alias));
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(own.isPresent() ? own.get().keys() : null, Identity.PASSWORD.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    return context;
  }

  static HttpClient client(SSLContext context, HttpClient.Version version) {
    return HttpClient.newBuilder().sslContext(context).version(version).build();
  }

  /** Connects, after the handshake. */
  static SSLSocket connect(SSLContext context, int port, String... protocols) throws IOException {
    SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setApplicationProtocols(protocols);
    socket.setSSLParameters(parameters);
    socket.setSoTimeout(FrameClient.PATIENCE_MILLIS);
    socket.startHandshake();
    return socket;
  }

  /** The subject of the certificate that was shown. */
  static String shown(SSLSocket socket) throws IOException {
    Certificate shown = socket.getSession().getPeerCertificates()[0];
    return ((X509Certificate) shown).getSubjectX500Principal().getName();
  }
}
