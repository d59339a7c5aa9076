package io.limiter.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;

/** A word with a Redis or a Sentinel, past everything that a client would do. */
public final class Wire {
  private Wire() {}

  /**
   * What it answers to commands on one connection, as that stands on the wire; less if it cuts the
   * connection, as a primary does that is demoted.
   *
   * @param commands as one types them, each on a line of its own
   */
  public static String ask(int port, String commands) {
    StringBuilder said = new StringBuilder();
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(60_000);
      socket.getOutputStream().write((commands + "\r\nPING\r\n").getBytes(StandardCharsets.UTF_8));
      InputStream in = socket.getInputStream();
      byte[] some = new byte[8192];
      int read = 0;
      while (read >= 0 && said.indexOf("+PONG\r\n") < 0) {
        read = in.read(some);
        said.append(new String(some, 0, Math.max(0, read), StandardCharsets.UTF_8));
      }
    } catch (SocketException cut) {
      return said.toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return said.toString();
  }
}
