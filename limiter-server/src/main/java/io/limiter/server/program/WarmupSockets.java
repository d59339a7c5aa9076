package io.limiter.server.program;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Connects to a port of this process.
 *
 * @param tls empty for a port in clear
 */
record WarmupSockets(InetSocketAddress target, Optional<SSLContext> tls) {
  /** To a port that has TLS, or none. */
  static WarmupSockets to(InetSocketAddress target, boolean tls) {
    return new WarmupSockets(target, tls ? Optional.of(trustingThisProcess()) : Optional.empty());
  }

  /** To a port of the loopback address. */
  static WarmupSockets toLoopback(int port, boolean tls) {
    return to(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), tls);
  }

  /**
   * Connects.
   *
   * @param protocol of HTTP, as ALPN has it
   * @param millis the longest wait for each thing
   */
  Socket connect(String protocol, int millis) throws IOException {
    Socket socket = tls.isPresent() ? tls.get().getSocketFactory().createSocket() : new Socket();
    try {
      socket.setSoTimeout(millis);
      socket.setTcpNoDelay(true);
      if (socket instanceof SSLSocket secured) {
        SSLParameters parameters = secured.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {protocol});
        secured.setSSLParameters(parameters);
      }
      socket.connect(target, millis);
      return socket;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /** Whatever is shown is shown by this process itself. */
  private static SSLContext trustingThisProcess() {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new TrustAll()}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java has no TLS", e);
    }
  }

  private static final class TrustAll extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
