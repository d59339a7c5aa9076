package io.limiter.server.grpc;

import io.grpc.netty.shaded.io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Exception;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2FrameListener;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Settings;

/**
 * Tells the client of one connection how many calls it may have under way. What it has already goes
 * on. A client that does not confirm is told nothing more: what it was told would have to be
 * remembered.
 *
 * <p>To be used on the event loop.
 */
final class CallSettings extends Http2FrameListenerDecorator {
  private final Http2ConnectionEncoder encoder;
  private int told;
  private int next;

  /** It has been sent the settings that every client gets, and not confirmed them. */
  private boolean confirms;

  private CallSettings(Http2FrameListener listener, Http2ConnectionEncoder encoder, int told) {
    super(listener);
    this.encoder = encoder;
    this.told = told;
    next = told;
  }

  /**
   * Listens what a client confirms.
   *
   * @param told how many calls it will be told at first, by others
   */
  static CallSettings of(GrpcHttp2ConnectionHandler http2, int told) {
    CallSettings settings =
        new CallSettings(http2.decoder().frameListener(), http2.encoder(), told);
    http2.decoder().frameListener(settings);
    return settings;
  }

  /** It may have so many, from when it hears of it. */
  void tell(ChannelHandlerContext http2, int calls) {
    next = calls;
    if (confirms && next != told) {
      confirms = false;
      told = next;
      Http2Settings settings = new Http2Settings().maxConcurrentStreams(told);
      var unused = encoder.writeSettings(http2, settings, http2.newPromise());
      http2.flush();
    }
  }

  @Override
  public void onSettingsAckRead(ChannelHandlerContext http2) throws Http2Exception {
    super.onSettingsAckRead(http2);
    confirms = true;
    tell(http2, next);
  }
}
