package example.llm;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** One request to the gateway over a connection of its own, read as far as one likes. */
final class Caller implements AutoCloseable {
  private static final String TOKEN = "data: {\"choices\": [{\"delta\"";

  /** Of 400 bytes, as the gateway counts roughly: a fourth, of the quotes too, and four. */
  static final int ESTIMATE = 104;

  private static final int BYTES = 400;

  private final Socket socket;
  private final BufferedReader in;
  private final List<String> lines = new ArrayList<>();

  /**
   * Asks.
   *
   * @param more fields of the request: each begins with a comma
   */
  Caller(int port, String secret, String model, String content, String more) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    in =
        new BufferedReader(
            new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
    String padded = content + " " + "x".repeat(BYTES - content.length() - 1);
    String body =
        "{\"model\": \"%s\", \"messages\": [{\"role\": \"user\", \"content\": \"%s\"}]%s}"
            .formatted(model, padded, more);
    String head =
        """
        POST %s HTTP/1.0
        Authorization: Bearer %s
        Content-Type: application/json
        Content-Length: %d

        """;
    socket
        .getOutputStream()
        .write(
            (head.formatted(Model.PATH, secret, body.length()).replace("\n", "\r\n") + body)
                .getBytes(StandardCharsets.US_ASCII));
  }

  /** Reads on until so many tokens have come. */
  Caller read(int tokens) throws IOException {
    while (tokens() < tokens) {
      if (!line()) {
        throw new IOException("ended early: " + lines);
      }
    }
    return this;
  }

  /** Reads to the end. */
  Caller readAll() throws IOException {
    while (line()) {}
    return this;
  }

  private boolean line() throws IOException {
    String line = in.readLine();
    if (line != null) {
      lines.add(line);
    }
    return line != null;
  }

  int tokens() {
    return (int) lines.stream().filter(line -> line.startsWith(TOKEN)).count();
  }

  int status() {
    return Integer.parseInt(lines.get(0).split(" ", -1)[1]);
  }

  /** A header's value; empty without it. */
  String header(String name) {
    return lines.stream()
        .takeWhile(line -> !line.isEmpty())
        .filter(line -> line.regionMatches(true, 0, name + ": ", 0, name.length() + 2))
        .map(line -> line.substring(name.length() + 2))
        .findFirst()
        .orElse("");
  }

  /** All that has come. */
  String text() {
    return String.join("\n", lines);
  }

  /** Hangs up. */
  @Override
  public void close() throws IOException {
    socket.close();
  }
}
