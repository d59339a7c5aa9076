package io.limiter.server.faults;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A word with a Redis, past everything that a client would do. */
final class Wire {
  private Wire() {}

  /** What it answers, as that stands on the wire; less if it ends meanwhile. */
  static String ask(int port, String command) {
    StringBuilder said = new StringBuilder();
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(30_000);
      socket.getOutputStream().write((command + "\r\nPING\r\n").getBytes(StandardCharsets.UTF_8));
      InputStream in = socket.getInputStream();
      byte[] some = new byte[8192];
      int read = 0;
      while (read >= 0 && said.indexOf("+PONG\r\n") < 0) {
        read = in.read(some);
        said.append(new String(some, 0, Math.max(0, read), StandardCharsets.UTF_8));
      }
    } catch (IOException ended) {
      return said.toString();
    }
    return said.toString();
  }
}
