package io.limiter.server.program;

import io.limiter.testing.TestRedis;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** Hears every command that a Redis is sent, also by scripts. */
final class Monitor implements AutoCloseable {
  private final URI redis;
  private final Socket socket;
  private final BufferedReader lines;

  private Monitor(URI redis) throws IOException {
    this.redis = redis;
    socket = new Socket(redis.getHost(), redis.getPort());
    lines =
        new BufferedReader(
            new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
    send(socket, "MONITOR");
    if (!"+OK".equals(lines.readLine())) {
      throw new IOException("Redis does not let itself be monitored");
    }
  }

  static Monitor of(TestRedis redis) throws IOException {
    return new Monitor(URI.create(redis.uri()));
  }

  private static void send(Socket to, String command) throws IOException {
    OutputStream out = to.getOutputStream();
    out.write((command + "\r\n").getBytes(StandardCharsets.US_ASCII));
    out.flush();
  }

  /** All that was sent since the last call, or since the beginning. */
  String seen() throws IOException {
    String end = UUID.randomUUID().toString();
    try (Socket other = new Socket(redis.getHost(), redis.getPort())) {
      send(other, "ECHO " + end);
      StringBuilder seen = new StringBuilder();
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.contains(end)) {
          return seen.toString();
        }
        seen.append(line).append('\n');
      }
    }
    throw new IOException("Redis ended");
  }

  /** Bytes as they look among commands. */
  static String shown(byte[] bytes) {
    StringBuilder text = new StringBuilder();
    for (byte one : bytes) {
      char c = (char) (one & 0xFF);
      switch (c) {
        case '\\', '"' -> text.append('\\').append(c);
        case '\n' -> text.append("\\n");
        case '\r' -> text.append("\\r");
        case '\t' -> text.append("\\t");
        case '\b' -> text.append("\\b");
        case 7 -> text.append("\\a");
        default -> {
          if (c >= ' ' && c < 127) {
            text.append(c);
          } else {
            text.append("\\x%02x".formatted((int) c));
          }
        }
      }
    }
    return text.toString();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
