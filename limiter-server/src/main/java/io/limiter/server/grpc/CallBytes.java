package io.limiter.server.grpc;

import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.limiter.server.fair.FairShare;
import io.limiter.v1.RateLimiterGrpc;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The bytes of one call that are in memory: of a request that is being read or decided, and of a
 * response that its caller has not taken yet. A connection that holds too many of them is cut.
 *
 * <p>Small messages are not counted: the bound on calls is a bound on them. Nor are the responses
 * of a stream, which stops reading when its client does.
 */
final class CallBytes extends ServerStreamTracer {
  /** The method of streams. */
  static final String STREAM = RateLimiterGrpc.getCheckAndConsumeStreamMethod().getFullMethodName();

  /** What is not counted of each call. */
  private static final int SMALL = 8 << 10;

  private final Connection connection;
  private final boolean stream;
  private final AtomicLong seen = new AtomicLong();
  private final AtomicLong counted = new AtomicLong();
  private volatile boolean closed;

  CallBytes(Connection connection, boolean stream) {
    this.connection = connection;
    this.stream = stream;
  }

  @Override
  public void inboundWireSize(long bytes) {
    count(bytes);
  }

  /** A stream's question is small once it is read, and its bytes are gone. */
  @Override
  public void inboundMessageRead(int number, long wireSize, long size) {
    if (stream) {
      seen.set(0);
      giveBack();
    }
  }

  @Override
  public void outboundWireSize(long bytes) {
    if (!stream) {
      count(bytes);
    }
  }

  private void count(long bytes) {
    long all = seen.addAndGet(bytes);
    if (all <= SMALL) {
      return;
    }
    FairShare.Holder share = connection.bytes;
    if (!share.take(bytes)) {
      connection.cut(
          "it holds %d bytes of large messages that are not wholly sent or read; send fewer at a time"
              .formatted(share.held()));
      return;
    }
    counted.addAndGet(bytes);
    if (closed) {
      giveBack();
    }
  }

  private void giveBack() {
    long bytes = counted.getAndSet(0);
    if (bytes > 0) {
      connection.bytes.giveBack(bytes);
    }
  }

  @Override
  public void streamClosed(Status status) {
    closed = true;
    giveBack();
    if (status.getCode() == Status.Code.CANCELLED) {
      connection.gaveUp();
    }
  }
}
