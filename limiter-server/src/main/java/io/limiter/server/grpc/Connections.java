package io.limiter.server.grpc;

import io.grpc.ServerStreamTracer;
import io.grpc.netty.shaded.io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.grpc.netty.shaded.io.grpc.netty.InternalProtocolNegotiator;
import io.grpc.netty.shaded.io.grpc.netty.InternalProtocolNegotiators;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandler;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.util.AsciiString;
import io.limiter.server.api.RateLimiterApi;
import io.limiter.server.fair.FairShare;
import io.limiter.server.fair.KeyedShares;
import io.limiter.server.grpc.load.CallShares;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The connections of the gRPC port, and what they share. Nobody may hold more of it than is still
 * free: no address of the connections, no connection of the calls, streams and bytes. Safe to use
 * from any thread.
 */
final class Connections {
  /** Of a Unix socket, whose callers have no address. */
  private static final Object NO_ADDRESS = new Object();

  final Executor bulkThreads = BulkThread.threads();
  final FairShare calls;
  final FairShare streams;
  final FairShare bytes;
  final CallShares shares;
  private final KeyedShares<Object> connections;
  private final AtomicInteger number = new AtomicInteger();
  private final int callsPerConnection;
  private final RateLimiterApi api;

  /**
   * No connections yet.
   *
   * @param api answers what they ask
   */
  Connections(GrpcBounds bounds, RateLimiterApi api) {
    this.api = api;
    connections = new KeyedShares<>(bounds.connections());
    calls = new FairShare(bounds.calls());
    streams = new FairShare(bounds.streams());
    bytes = new FairShare(bounds.bytes());
    callsPerConnection = bounds.callsPerConnection();
    shares = new CallShares(GrpcBounds.callsOfAll(), callsPerConnection, System::nanoTime);
  }

  /** Has a server keep within the bounds. */
  @SuppressWarnings("deprecation") // Netty advises to leave the option at its default
  NettyServerBuilder guard(NettyServerBuilder server) {
    return server
        .maxConcurrentCallsPerConnection(callsPerConnection)
        .maxRstFramesPerWindow(GrpcBounds.RESETS, GrpcBounds.RESET_SECONDS)
        .withChildOption(ChannelOption.RCVBUF_ALLOCATOR, GrpcBounds.reads())
        .addStreamTracerFactory(new Tracers())
        .protocolNegotiator(new Negotiator());
  }

  int callsPerConnection() {
    return callsPerConnection;
  }

  /**
   * Lets a connection in, or not. Whoever is let in has to {@link #leave}.
   *
   * @return whether its address may have one more
   */
  boolean enter(@Nullable SocketAddress address) {
    return connections.take(host(address));
  }

  void leave(@Nullable SocketAddress address) {
    connections.giveBack(host(address));
  }

  /** How many connections are open. */
  long open() {
    return connections.taken();
  }

  private static Object host(@Nullable SocketAddress address) {
    if (address instanceof InetSocketAddress internet) {
      InetAddress host = internet.getAddress();
      return host == null ? NO_ADDRESS : host;
    }
    return NO_ADDRESS;
  }

  /** A number for a connection, 1 or more for two thousand million of them. */
  int nextNumber() {
    return number.incrementAndGet();
  }

  /** Puts a {@link Connection} before everything that reads. */
  private final class Negotiator implements InternalProtocolNegotiator.ProtocolNegotiator {
    private final InternalProtocolNegotiator.ProtocolNegotiator plaintext =
        InternalProtocolNegotiators.serverPlaintext();

    @Override
    public AsciiString scheme() {
      return plaintext.scheme();
    }

    @Override
    public ChannelHandler newHandler(GrpcHttp2ConnectionHandler http2) {
      if (api.refusesOverload()) {
        http2
            .decoder()
            .frameListener(new LoadShedder(http2.decoder().frameListener(), http2.encoder(), api));
      }
      return new Connection(Connections.this, http2, plaintext.newHandler(http2));
    }

    @Override
    public void close() {
      plaintext.close();
    }
  }

  private static final class Tracers extends ServerStreamTracer.Factory {
    /** Of a call on nobody's connection, which there is none of. */
    private static final ServerStreamTracer NONE = new ServerStreamTracer() {};

    @Override
    public ServerStreamTracer newServerStreamTracer(String method, io.grpc.Metadata headers) {
      Connection connection = Connection.current();
      return connection == null ? NONE : new CallBytes(connection, method.equals(CallBytes.STREAM));
    }
  }
}
