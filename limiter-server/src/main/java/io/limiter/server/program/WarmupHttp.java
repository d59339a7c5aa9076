package io.limiter.server.program;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.limiter.v1.CheckAndConsumeRequest;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks by HTTP what callers and gateways ask of the service.
 *
 * @param sockets of the server that is asked
 * @param asked how often it was asked by all of these
 * @param most how often it is to be asked
 * @param goesOn whether there is still time, and any use
 * @param millisLeft how long it may take from now on
 */
record WarmupHttp(
    WarmupSockets sockets,
    AtomicInteger asked,
    int most,
    BooleanSupplier goesOn,
    IntSupplier millisLeft) {
  private static final Logger log = LoggerFactory.getLogger(WarmupHttp.class);

  /** What a connection costs at its begin is to be warm too. */
  private static final int ROUNDS_PER_CONNECTION = 64;

  /** So many ask at once, as callers do. */
  private static final int CONNECTIONS = 8;

  /** How clients and gateways write their headers; of HTTP/1.1 the case is theirs. */
  private static final List<String> CLIENTS =
      List.of(
          headers("Host: localhost:8080", "User-Agent: curl/8.5.0", "Accept: */*"),
          headers("host: localhost", "user-agent: python-requests", "accept-encoding: gzip"),
          headers("Host: limiter", "User-Agent: Go-http-client/1.1", "Accept-Encoding: gzip"));

  private static String headers(String... lines) {
    return String.join("\r\n", lines) + "\r\n";
  }

  /**
   * Asks until it was asked enough, or the time is over.
   *
   * @param questions whose counters are asked for
   */
  void ask(WarmupQuestions questions) {
    List<byte[]> requests = requests(questions);
    try {
      for (int round = 0; goesOn.getAsBoolean() && asked.get() < most; round++) {
        ask(requests, round * ROUNDS_PER_CONNECTION * CONNECTIONS);
      }
    } catch (IOException cold) {
      log.debug("The calls of HTTP are not warm", cold);
    }
  }

  private void ask(List<byte[]> requests, int first) throws IOException {
    List<Connection> connections = new ArrayList<>();
    try {
      for (int i = 0; i < CONNECTIONS; i++) {
        connections.add(new Connection(sockets.connect("http/1.1", 1 + millisLeft.getAsInt())));
      }
      int next = first;
      for (int i = 0; i < ROUNDS_PER_CONNECTION && goesOn.getAsBoolean(); i++) {
        for (Connection connection : connections) {
          connection.ask(requests.get(next++ % requests.size()));
        }
        for (Connection connection : connections) {
          connection.awaitAnswer();
        }
        asked.addAndGet(CONNECTIONS);
      }
    } finally {
      for (Connection connection : connections) {
        connection.close();
      }
    }
  }

  /** Many as they should be, a few that are wrong. */
  private static List<byte[]> requests(WarmupQuestions questions) {
    List<byte[]> requests = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      CheckAndConsumeRequest question = questions.question(i);
      requests.add(post(i, "/v1/check", json(question)));
      requests.add(gateway(i, question));
      if (i % 16 == 0) {
        requests.add(post(i, "/v1/check/batch", "{\"requests\":[" + json(question) + "]}"));
        requests.add(post(i, "/v1/check", "{\"domain\":\"" + WarmupQuestions.DOMAIN + "\"}"));
        requests.add(post(i, "/v1/check", "{"));
      }
    }
    return requests;
  }

  private static String json(CheckAndConsumeRequest question) {
    try {
      return JsonFormat.printer().omittingInsignificantWhitespace().print(question);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a question of our own cannot be written", e);
    }
  }

  private static byte[] post(int number, String path, String body) {
    return bytes(
        "POST %s HTTP/1.1\r\n%sContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
            .formatted(path, CLIENTS.get(number % CLIENTS.size()), body.length(), body));
  }

  private static byte[] gateway(int number, CheckAndConsumeRequest question) {
    StringBuilder headers = new StringBuilder(CLIENTS.get(number % CLIENTS.size()));
    question
        .getAttributesMap()
        .forEach(
            (name, value) ->
                headers.append("X-Warm-").append(name).append(": ").append(value).append("\r\n"));
    headers
        .append("X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Method: GET\r\n")
        .append("X-Forwarded-Host: shop.example\r\nX-Forwarded-Uri: /files/1?a=b\r\n");
    return bytes(
        "GET /v1/authorize/%s HTTP/1.1\r\n%s\r\n".formatted(WarmupQuestions.DOMAIN, headers));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** A connection that asks by HTTP/1.1, and only looks that there is an answer. */
  private static final class Connection implements Closeable {
    private static final Pattern LENGTH = Pattern.compile("(?i)\r\ncontent-length: *([0-9]{1,9})");
    private static final String END_OF_HEADERS = "\r\n\r\n";

    private final Socket socket;
    private final byte[] read = new byte[1 << 14];

    private Connection(Socket socket) {
      this.socket = socket;
    }

    /** Asks, which is to be followed by {@link #awaitAnswer}. */
    void ask(byte[] request) throws IOException {
      socket.getOutputStream().write(request);
    }

    /**
     * Returns when the answer is there, whatever it is.
     *
     * @throws IOException when it is not there in time, or the connection has ended
     */
    void awaitAnswer() throws IOException {
      int length = 0;
      int whole = Integer.MAX_VALUE;
      while (length < whole) {
        int more = socket.getInputStream().read(read, length, read.length - length);
        if (more <= 0) {
          throw new EOFException("the warm-up's server has gone, or answers too much");
        }
        length += more;
        if (whole == Integer.MAX_VALUE) {
          whole = whole(new String(read, 0, length, StandardCharsets.ISO_8859_1));
        }
      }
    }

    /** How long an answer is, as far as its first part tells. */
    private static int whole(String begin) {
      int end = begin.indexOf(END_OF_HEADERS);
      if (end < 0) {
        return Integer.MAX_VALUE;
      }
      Matcher length = LENGTH.matcher(begin).region(0, end);
      return end
          + END_OF_HEADERS.length()
          + (length.find() ? Integer.parseInt(length.group(1)) : 0);
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
