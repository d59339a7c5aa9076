package io.limiter.server.grpc;

import com.google.rpc.Status;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Connection;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Exception;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2FrameListener;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Headers;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Stream;
import io.grpc.netty.shaded.io.netty.util.AsciiString;
import io.limiter.server.api.Failures;
import io.limiter.server.api.RateLimiterApi;
import io.limiter.server.api.Timeout;
import io.limiter.server.grpc.load.EventLoopLag;
import java.util.Base64;

/**
 * Refuses calls that waited too long to be read. When more is asked than the service can do, its
 * event loops fall behind. Each answer would then be late, and all work in vain. So a call that
 * waited for more than a quarter of the time that its caller allows is refused at once, if its
 * event loop {@linkplain EventLoopLag is overloaded}. That must cost little, or there is no time
 * left for the others: gRPC does not hear of these calls.
 */
final class LoadShedder extends Http2FrameListenerDecorator {
  private static final AsciiString TIMEOUT = AsciiString.cached("grpc-timeout");

  /** Calls that say how a service is, also when it has too much to do. */
  private static final AsciiString ABOUT_THE_SERVICE = AsciiString.cached("/grpc.");

  private static final Http2Headers REFUSAL = refusal();

  private final Http2Connection http2;
  private final Http2ConnectionEncoder encoder;
  private final Http2Connection.PropertyKey shed;
  private final RateLimiterApi api;

  /**
   * Stands before what gRPC reads of one connection.
   *
   * @param api hears of what is refused
   */
  LoadShedder(Http2FrameListener grpc, Http2ConnectionEncoder encoder, RateLimiterApi api) {
    super(grpc);
    this.http2 = encoder.connection();
    this.encoder = encoder;
    this.api = api;
    this.shed = http2.newKey();
  }

  private static Http2Headers refusal() {
    Status status = Failures.UNREAD;
    return new DefaultHttp2Headers()
        .status(AsciiString.cached("200"))
        .add(AsciiString.cached("content-type"), AsciiString.cached("application/grpc"))
        .add(AsciiString.cached("grpc-status"), AsciiString.cached("" + status.getCode()))
        .add(AsciiString.cached("grpc-message"), AsciiString.cached(status.getMessage()))
        .add(
            AsciiString.cached("grpc-status-details-bin"),
            AsciiString.cached(
                Base64.getEncoder().withoutPadding().encodeToString(status.toByteArray())));
  }

  @Override
  public void onHeadersRead(
      ChannelHandlerContext context,
      int id,
      Http2Headers headers,
      int dependency,
      short weight,
      boolean exclusive,
      int padding,
      boolean end)
      throws Http2Exception {
    if (!isShed(context, id, headers)) {
      super.onHeadersRead(context, id, headers, dependency, weight, exclusive, padding, end);
    }
  }

  @Override
  public void onHeadersRead(
      ChannelHandlerContext context, int id, Http2Headers headers, int padding, boolean end)
      throws Http2Exception {
    if (!isShed(context, id, headers)) {
      super.onHeadersRead(context, id, headers, padding, end);
    }
  }

  @Override
  public int onDataRead(
      ChannelHandlerContext context, int id, ByteBuf data, int padding, boolean end)
      throws Http2Exception {
    Http2Stream stream = http2.stream(id);
    return stream != null && stream.getProperty(shed) != null
        ? data.readableBytes() + padding
        : super.onDataRead(context, id, data, padding, end);
  }

  private boolean isShed(ChannelHandlerContext context, int id, Http2Headers headers) {
    Http2Stream stream = http2.stream(id);
    if (stream == null) {
      return false;
    }
    if (stream.getProperty(shed) != null) {
      return true;
    }
    long waited = Connection.waitedNanos();
    if (waited < CallTime.LEAST_NOTICED_NANOS) {
      return false;
    }
    CharSequence header = headers.get(TIMEOUT);
    CharSequence path = headers.path();
    if (header == null || path == null || AsciiString.of(path).startsWith(ABOUT_THE_SERVICE)) {
      return false;
    }
    long timeout = Timeout.nanos(header);
    if (waited < timeout / 4 || !EventLoopLag.current().isOverloaded(waited, timeout)) {
      return false;
    }
    stream.setProperty(shed, Boolean.TRUE);
    var unused =
        encoder.writeHeaders(
            context, id, REFUSAL, /* padding= */ 0, /* endStream= */ true, context.newPromise());
    api.refusedUnread(waited);
    return true;
  }
}
