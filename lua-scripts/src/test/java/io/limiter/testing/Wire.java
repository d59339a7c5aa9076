package io.limiter.testing;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;

/** A word with a Redis or a Sentinel, past everything that a client would do. */
public final class Wire {
  private static final int PATIENCE_MILLIS = 60_000;

  private Wire() {}

  /**
   * What it answers to commands on one connection, as that stands on the wire; less if it cuts the
   * connection, as a primary does that is demoted.
   *
   * <p>Each command has one reply, of whatever kind. One that loads its data refuses most of them,
   * so no certain reply tells the end.
   *
   * @param commands as one types them, each on a line of its own
   */
  public static String ask(int port, String commands) {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.getOutputStream().write((commands + "\r\n").getBytes(StandardCharsets.UTF_8));
      InputStream in = new BufferedInputStream(socket.getInputStream());
      for (long left = commands.lines().count(); left > 0; left--) {
        reply(in, said);
      }
    } catch (SocketException | EOFException cut) {
      return said.toString(StandardCharsets.UTF_8);
    } catch (SocketTimeoutException silent) {
      throw new AssertionError(
          "port %d left %s unanswered, and said: %s".formatted(port, commands, said), silent);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return said.toString(StandardCharsets.UTF_8);
  }

  /** Copies one reply, with all that is in it. */
  private static void reply(InputStream in, ByteArrayOutputStream said) throws IOException {
    String head = line(in, said);
    if (head.startsWith("$")) {
      int length = Integer.parseInt(head.substring(1));
      byte[] text = in.readNBytes(length < 0 ? 0 : length + 2);
      said.writeBytes(text);
    } else if (head.startsWith("*")) {
      for (int left = Integer.parseInt(head.substring(1)); left > 0; left--) {
        reply(in, said);
      }
    }
  }

  private static String line(InputStream in, ByteArrayOutputStream said) throws IOException {
    StringBuilder line = new StringBuilder();
    int read = 0;
    while (read != '\n') {
      read = in.read();
      if (read < 0) {
        throw new EOFException();
      }
      said.write(read);
      line.append((char) read);
    }
    return line.toString().strip();
  }
}
