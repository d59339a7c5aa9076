package io.limiter.server.http;

import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServerOptions;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * How much the HTTP port takes on, in all. Of requests and bytes, one connection alone gets half.
 *
 * @param connections open at a time, 1 or more
 * @param handshakes connections at a time that have not said yet what they speak, 1 or more: those
 *     whose TLS handshake is under way, and those that sent no preface of HTTP/2 after it
 * @param handshakeTime how long that may take; more than 0
 * @param streams of a connection of HTTP/2 at a time, 1 or more
 * @param resets the most streams of a connection that are reset in {@link #RESET_SECONDS}, 1 or
 *     more
 * @param requests under way, 2 or more: to be read, to be answered, or answers that their callers
 *     have not taken
 * @param requestTime how long a caller may take to send a request, and then to take the answer;
 *     more than 0
 * @param bytes of bodies that are not wholly read, and of large answers that are not wholly sent; 2
 *     or more
 */
record HttpBounds(
    int connections,
    int handshakes,
    Duration handshakeTime,
    int streams,
    int resets,
    int requests,
    Duration requestTime,
    long bytes) {
  /** The most bytes of a request's headers. */
  static final int HEADER_BYTES = 8 << 10;

  static final int RESET_SECONDS = 10;

  private static final int MOST_CONNECTIONS = 1_024;
  private static final int MOST_HANDSHAKES = 512;
  private static final int LEAST_HANDSHAKES = 64;

  /** Twenty-five thousand a second, if each takes five milliseconds. */
  private static final int STREAMS = 128;

  /** Half of what would be asked in that time with deadlines that are all too short. */
  private static final int RESETS = 2_000;

  private static final int MOST_REQUESTS = 1 << 18;

  HttpBounds {
    if (connections < 1 || handshakes < 1 || streams < 1 || resets < 1) {
      throw new IllegalArgumentException(
          "connections %d, handshakes %d, streams %d and resets %d must be 1 or more"
              .formatted(connections, handshakes, streams, resets));
    }
    if (requests < 2 || bytes < 2) {
      throw new IllegalArgumentException(
          "requests %d and bytes %d must be 2 or more".formatted(requests, bytes));
    }
    if (handshakeTime.toMillis() < 1 || requestTime.toMillis() < 1) {
      throw new IllegalArgumentException(
          "handshakeTime %s and requestTime %s must be 1 ms or more"
              .formatted(handshakeTime, requestTime));
    }
  }

  /** What fits a heap: a handshake for each 512 KiB, a request for each 64 KiB. */
  static HttpBounds of(long heapBytes) {
    long heap = Math.max(heapBytes, 64L << 20);
    return new HttpBounds(
        MOST_CONNECTIONS,
        (int) Math.max(LEAST_HANDSHAKES, Math.min(MOST_HANDSHAKES, heap >> 19)),
        Duration.ofSeconds(10),
        STREAMS,
        RESETS,
        (int) Math.min(MOST_REQUESTS, heap >> 16),
        Duration.ofSeconds(60),
        heap >> 5);
  }

  /** Of the heap of this process. */
  static HttpBounds ofThisProcess() {
    return of(Runtime.getRuntime().maxMemory());
  }

  HttpBounds withConnections(int most) {
    return new HttpBounds(
        most, handshakes, handshakeTime, streams, resets, requests, requestTime, bytes);
  }

  HttpBounds withHandshakes(int most, Duration time) {
    return new HttpBounds(connections, most, time, streams, resets, requests, requestTime, bytes);
  }

  HttpBounds withStreams(int most) {
    return new HttpBounds(
        connections, handshakes, handshakeTime, most, resets, requests, requestTime, bytes);
  }

  HttpBounds withRequests(int most, Duration time) {
    return new HttpBounds(
        connections, handshakes, handshakeTime, streams, resets, most, time, bytes);
  }

  HttpBounds withBytes(long most) {
    return new HttpBounds(
        connections, handshakes, handshakeTime, streams, resets, requests, requestTime, most);
  }

  /** What Vert.x is to keep of them by itself. */
  HttpServerOptions options() {
    return new HttpServerOptions()
        .setTcpNoDelay(true)
        // A client that asks by HTTP/1.1 for HTTP/2, as the JDK's does, may wait for ever for a
        // body of more than one frame.
        .setHttp2ClearTextEnabled(false)
        .setIdleTimeout(60)
        .setIdleTimeoutUnit(TimeUnit.SECONDS)
        .setMaxHeaderSize(HEADER_BYTES)
        .setInitialSettings(
            new Http2Settings()
                .setMaxConcurrentStreams(streams)
                .setMaxHeaderListSize(HEADER_BYTES)
                .setPushEnabled(false))
        .setHttp2RstFloodMaxRstFramePerWindow(resets)
        .setHttp2RstFloodWindowDuration(RESET_SECONDS)
        .setHttp2RstFloodWindowDurationTimeUnit(TimeUnit.SECONDS)
        .setSslHandshakeTimeout(handshakeTime.toMillis())
        .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS);
  }
}
