package io.limiter.server.grpc;

import io.grpc.netty.shaded.io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.grpc.netty.shaded.io.netty.channel.RecvByteBufAllocator;
import io.limiter.server.grpc.load.CallShares;
import java.time.Duration;

/**
 * How much the gRPC port takes on, in all. Of connections, one address alone gets half; of calls,
 * streams and bytes, one connection alone does. What is left is for others.
 *
 * @param connections open at a time, 2 or more
 * @param calls under way, 2 or more
 * @param streams of questions among them, 2 or more
 * @param bytes of large requests and responses that are not wholly read or sent, 2 or more
 * @param handshakeTime how long the handshake of TLS may take, 1 ms or more; then the connection is
 *     cut
 */
public record GrpcBounds(
    int connections, int calls, int streams, long bytes, Duration handshakeTime) {
  private static final int MOST_CALLS = 1 << 20;

  /**
   * The most calls of a connection that are reset or refused in {@link #RESET_SECONDS}. So many
   * come of a client that asks too much with short deadlines and means no harm, such as a proxy.
   */
  static final int RESETS = 100_000;

  static final int RESET_SECONDS = 10;

  /** Fifty thousand a second, if each takes five milliseconds. */
  private static final int CALLS_PER_CONNECTION = 256;

  /** What a processor answers in some five milliseconds. */
  private static final int CALLS_PER_PROCESSOR = 256;

  /** So many calls are taken on from each connection, however many there are. */
  static final int LEAST_CALLS = 16;

  public GrpcBounds {
    if (connections < 2 || calls < 2 || streams < 2 || bytes < 2) {
      throw new IllegalArgumentException(
          "connections %d, calls %d, streams %d and bytes %d must be 2 or more"
              .formatted(connections, calls, streams, bytes));
    }
    if (handshakeTime.toMillis() < 1) {
      throw new IllegalArgumentException(
          "handshakeTime %s must be 1 ms or more".formatted(handshakeTime));
    }
  }

  /**
   * What fits a heap: a connection for each 256 KiB, a call for each 16 KiB, a stream for each 512
   * KiB, and a sixteenth of it for large messages. They are not all used up at a time, and cost
   * less than that as a rule.
   */
  public static GrpcBounds of(long heapBytes) {
    long heap = Math.max(heapBytes, 64L << 20);
    return new GrpcBounds(
        (int) Math.min(MOST_CALLS / 16, heap >> 18),
        (int) Math.min(MOST_CALLS, heap >> 14),
        (int) Math.min(MOST_CALLS / 32, heap >> 19),
        heap >> 4,
        Duration.ofSeconds(10));
  }

  /** Of the heap of this process. */
  public static GrpcBounds ofThisProcess() {
    return of(Runtime.getRuntime().maxMemory());
  }

  /**
   * So much of a connection is read at a time. Nobody waits for more than a few thousand frames of
   * another.
   */
  static RecvByteBufAllocator reads() {
    AdaptiveRecvByteBufAllocator reads =
        new AdaptiveRecvByteBufAllocator(/* minimum= */ 1 << 10, /* initial= */ 4 << 10, 16 << 10);
    return reads.maxMessagesPerRead(4);
  }

  /**
   * What a client is told of how many calls it may have under way on a connection. What it sends
   * beyond what can be answered waits in buffers of the network, where nobody sees how old it is;
   * what it does not send waits with the client, which knows.
   */
  int callsPerConnection() {
    return Math.min(CALLS_PER_CONNECTION, Math.max(1, calls / 2));
  }

  /** How many calls all clients together are to have under way; {@link CallShares} tells them. */
  static int callsOfAll() {
    return CALLS_PER_PROCESSOR * Runtime.getRuntime().availableProcessors();
  }
}
