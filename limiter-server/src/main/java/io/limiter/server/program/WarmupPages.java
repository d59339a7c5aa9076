package io.limiter.server.program;

import io.limiter.server.certificate.ServerTls;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.IntSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the HTTP port what monitoring asks of it.
 *
 * @param known whether the port answers this process, which shows no certificate
 * @param millisLeft how long it may take from now on
 */
record WarmupPages(WarmupSockets http, boolean known, IntSupplier millisLeft) {
  private static final Logger log = LoggerFactory.getLogger(WarmupPages.class);
  private static final int TIMES = 3;
  private static final List<String> PAGES =
      List.of("/livez", "/readyz", "/healthcheck", "/metrics", "/rules");

  /**
   * Of a port.
   *
   * @param tls of the port
   */
  static WarmupPages of(InetSocketAddress port, Optional<ServerTls> tls, IntSupplier millisLeft) {
    return new WarmupPages(
        WarmupSockets.to(port, tls.isPresent()),
        tls.isEmpty() || !tls.get().refusesTheUnknown(),
        millisLeft);
  }

  void ask() {
    try {
      for (int i = 0; known && i < TIMES; i++) {
        for (String page : PAGES) {
          ask(page);
        }
      }
    } catch (IOException cold) {
      log.debug("The pages of HTTP are not warm", cold);
    }
  }

  private void ask(String page) throws IOException {
    try (Socket socket = http.connect("http/1.1", 1 + millisLeft.getAsInt())) {
      socket
          .getOutputStream()
          .write(
              "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                  .formatted(page)
                  .getBytes(StandardCharsets.US_ASCII));
      socket.getInputStream().readAllBytes();
    }
  }
}
