package io.limiter.server.grpc;

import io.grpc.Attributes;
import io.grpc.netty.shaded.io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandler;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Stream;
import io.grpc.netty.shaded.io.netty.util.ReferenceCountUtil;
import io.grpc.netty.shaded.io.netty.util.concurrent.FastThreadLocal;
import io.limiter.server.access.Asker;
import io.limiter.server.fair.FairShare;
import io.limiter.server.grpc.load.CallShares;
import io.limiter.server.grpc.peer.Peer;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to the gRPC port: what it holds of what all share. It stands before everything
 * that reads, so that whatever is read is known to be this connection's.
 *
 * <p>The bound on calls is kept by Netty, which refuses what is beyond with REFUSED_STREAM before
 * gRPC hears of it. It is set here, since Netty itself keeps it only once a client has confirmed
 * it.
 */
final class Connection extends ChannelInboundHandlerAdapter {
  private static final Logger log = LoggerFactory.getLogger(Connection.class);
  private static final FastThreadLocal<@Nullable Connection> CURRENT = new FastThreadLocal<>();

  private static final int GIVEN_UP_AT_ONCE = 16;

  private final Connections all;
  private final GrpcHttp2ConnectionHandler http2;
  private final ChannelHandler next;
  private final int number;
  final FairShare.Holder bytes;
  final FairShare.Holder streams;
  private final FairShare.Holder calls;
  private final CallShares.Holder share;
  private final CallSettings settings;
  private @Nullable ChannelHandlerContext context;
  private @Nullable SocketAddress address;

  private final BulkThread bulk;
  private @Nullable InTurn inTurn;

  /** Gives back what its first caller with a name was counted; null if there was none yet. */
  private @Nullable Runnable disconnect;

  /** The earliest time at which what is being passed on may have come. */
  private long sinceNanos;

  /** How many calls were given up in what was read last. */
  private int givenUp;

  Connection(Connections all, GrpcHttp2ConnectionHandler http2, ChannelHandler next) {
    this.all = all;
    this.http2 = http2;
    this.next = next;
    number = all.nextNumber();
    bytes = all.bytes.holder();
    streams = all.streams.holder();
    calls = all.calls.holder();
    share = all.shares.holder(this::mayHave);
    settings = CallSettings.of(http2, all.callsPerConnection());
    bulk = new BulkThread(all.bulkThreads, this::run);
  }

  /** The connection of which something is being read on this thread; null on any other. */
  static @Nullable Connection current() {
    return CURRENT.get();
  }

  /**
   * How long what is being read on this thread may have waited for it, in nanoseconds; 0 on any
   * other thread than the event loop of its connection.
   */
  static long waitedNanos() {
    Connection current = CURRENT.get();
    return current == null || !current.isEventLoop() ? 0 : System.nanoTime() - current.sinceNanos;
  }

  private boolean isEventLoop() {
    return context != null && context.executor().inEventLoop();
  }

  /** A number of its own. */
  int number() {
    return number;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    address = ctx.channel().remoteAddress();
    if (!all.enter(address)) {
      cut(
          "%d connections are open already, too many of them from its address"
              .formatted(all.open()));
      return;
    }
    var unused = ctx.channel().closeFuture().addListener(closed -> left(ctx.channel()));
    inTurn =
        new InTurn(ctx, (bytes, sinceNanos) -> passOn(ctx, bytes, sinceNanos), System::nanoTime);
    http2.connection().addListener(new Calls());
    boundCalls();
    all.shares.add(share);
    ctx.pipeline().addAfter(ctx.name(), null, next);
  }

  /** What its calls are to know of it. */
  Attributes peer(Attributes transport) {
    ChannelHandlerContext ctx = context;
    return ctx == null ? transport : Peer.of(ctx.channel(), transport);
  }

  /**
   * Its first caller with a name is counted as having it. To be called on its event loop.
   *
   * @throws io.limiter.server.access.AccessException if the caller has as many as it may
   */
  void isOf(Asker who) {
    if (disconnect == null && context != null && context.channel().isOpen()) {
      disconnect = who.connect();
    }
  }

  private void left(Channel channel) {
    all.closed(channel);
    if (disconnect != null) {
      disconnect.run();
    }
    all.leave(address);
    all.shares.remove(share);
    calls.giveBackAll();
    if (inTurn != null) {
      inTurn.close();
    }
  }

  /** Ends the connection, and all that it has under way. */
  void cut(String why) {
    ChannelHandlerContext ctx = context;
    if (ctx != null) {
      log.warn("A connection from {} was cut: {}", host(address), why);
      var unused = ctx.close();
    }
  }

  private static String host(@Nullable SocketAddress address) {
    return address instanceof InetSocketAddress internet && internet.getAddress() != null
        ? internet.getAddress().getHostAddress()
        : "a Unix socket";
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    run(ctx::fireChannelActive);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object read) {
    InTurn turns = inTurn;
    if (turns == null) {
      ReferenceCountUtil.release(read);
    } else if (read instanceof ByteBuf bytes) {
      turns.read(bytes);
    } else {
      ctx.fireChannelRead(read);
    }
  }

  /** Passes on what was read, as this connection's. */
  private void passOn(ChannelHandlerContext ctx, ByteBuf bytes, long since) {
    boundCalls();
    sinceNanos = since;
    givenUp = 0;
    long start = System.nanoTime();
    run(() -> ctx.fireChannelRead(bytes));
    all.shares.look();
    if (givenUp >= GIVEN_UP_AT_ONCE) {
      pause(ctx, System.nanoTime() - start);
    }
  }

  /** Whoever mostly gives up what they ask has half of the time at most. */
  private void pause(ChannelHandlerContext ctx, long nanos) {
    InTurn turns = inTurn;
    if (turns != null) {
      turns.pause();
      var unused = ctx.executor().schedule(turns::readOn, nanos, TimeUnit.NANOSECONDS);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    ctx.fireChannelReadComplete();
    if (inTurn != null) {
      inTurn.readComplete();
    }
  }

  /** One of its calls was given up before it was answered. */
  void gaveUp() {
    givenUp++;
  }

  /** What runs its batches. */
  Executor bulk() {
    return bulk;
  }

  /** Runs a task as something that was read from this connection. */
  void run(Runnable task) {
    Connection before = CURRENT.get();
    CURRENT.set(this);
    try {
      task.run();
    } finally {
      CURRENT.set(before);
    }
  }

  private void boundCalls() {
    long free = all.calls.whole() - all.calls.taken();
    http2
        .connection()
        .remote()
        .maxActiveStreams(
            (int) Math.max(GrpcBounds.LEAST_CALLS, Math.min(all.callsPerConnection(), free)));
  }

  private void mayHave(int most) {
    ChannelHandlerContext ctx = context;
    if (ctx != null) {
      ctx.executor().execute(() -> tell(ctx.pipeline().context(http2), most));
    }
  }

  private void tell(@Nullable ChannelHandlerContext ctx, int most) {
    if (ctx != null) {
      settings.tell(ctx, most);
    }
  }

  private final class Calls extends Http2ConnectionAdapter {
    @Override
    public void onStreamActive(Http2Stream stream) {
      calls.takeAnyway(1);
      share.came();
      boundCalls();
    }

    @Override
    public void onStreamClosed(Http2Stream stream) {
      calls.giveBack(1);
    }
  }
}
