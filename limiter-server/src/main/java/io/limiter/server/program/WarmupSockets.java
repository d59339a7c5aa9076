package io.limiter.server.program;

import io.limiter.server.certificate.OwnPort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/**
 * Connects to a port of this process.
 *
 * @param tls empty for a port in clear
 */
record WarmupSockets(InetSocketAddress target, Optional<SSLContext> tls) {
  /** To a port that has TLS, or none. */
  static WarmupSockets to(InetSocketAddress target, boolean tls) {
    return new WarmupSockets(
        target, tls ? Optional.of(OwnPort.tls(Optional.empty())) : Optional.empty());
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
}
