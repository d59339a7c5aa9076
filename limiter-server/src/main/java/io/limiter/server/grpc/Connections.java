package io.limiter.server.grpc;

import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.ServerStreamTracer;
import io.grpc.ServerTransportFilter;
import io.grpc.netty.shaded.io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.grpc.netty.shaded.io.grpc.netty.InternalProtocolNegotiator;
import io.grpc.netty.shaded.io.grpc.netty.InternalProtocolNegotiators;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandler;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.util.AsciiString;
import io.limiter.server.api.RateLimiterApi;
import io.limiter.server.certificate.ServerTls;
import io.limiter.server.fair.Caller;
import io.limiter.server.fair.FairShare;
import io.limiter.server.fair.KeyedShares;
import io.limiter.server.grpc.load.CallShares;
import io.limiter.server.grpc.peer.GrpcTls;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLSession;
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
  private final Duration handshakeTime;
  private final RateLimiterApi api;
  private final Optional<GrpcTls> tls;

  /**
   * No connections yet.
   *
   * @param api answers what they ask
   * @param tls empty for connections in clear
   */
  Connections(GrpcBounds bounds, RateLimiterApi api, Optional<GrpcTls> tls) {
    this.api = api;
    this.tls = tls;
    connections = new KeyedShares<>(bounds.connections());
    calls = new FairShare(bounds.calls());
    streams = new FairShare(bounds.streams());
    bytes = new FairShare(bounds.bytes());
    callsPerConnection = bounds.callsPerConnection();
    handshakeTime = bounds.handshakeTime();
    shares = new CallShares(GrpcBounds.callsOfAll(), callsPerConnection, System::nanoTime);
  }

  /** Has a server keep within the bounds. */
  @SuppressWarnings("deprecation") // Netty advises to leave the option at its default
  NettyServerBuilder guard(NettyServerBuilder server) {
    return server
        .maxConcurrentCallsPerConnection(callsPerConnection)
        .handshakeTimeout(handshakeTime.toMillis(), TimeUnit.MILLISECONDS)
        .maxRstFramesPerWindow(GrpcBounds.RESETS, GrpcBounds.RESET_SECONDS)
        .withChildOption(ChannelOption.RCVBUF_ALLOCATOR, GrpcBounds.reads())
        .addStreamTracerFactory(new Tracers())
        .addTransportFilter(new Peers())
        .protocolNegotiator(
            new Negotiator(
                tls.isPresent() ? tls.get() : InternalProtocolNegotiators.serverPlaintext()));
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

  /** A connection has just closed. */
  void closed(Channel channel) {
    tls.ifPresent(handshakes -> handshakes.closed(channel));
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

  /** A number for a connection, 1 or more and below {@link Caller#NAMED}. */
  int nextNumber() {
    return 1 + Math.floorMod(number.getAndIncrement(), Caller.NAMED - 1);
  }

  /** Puts a {@link Connection} before everything that reads. */
  private final class Negotiator implements InternalProtocolNegotiator.ProtocolNegotiator {
    private final InternalProtocolNegotiator.ProtocolNegotiator carrier;

    Negotiator(InternalProtocolNegotiator.ProtocolNegotiator carrier) {
      this.carrier = carrier;
    }

    @Override
    public AsciiString scheme() {
      return carrier.scheme();
    }

    @Override
    public ChannelHandler newHandler(GrpcHttp2ConnectionHandler http2) {
      if (api.refusesOverload()) {
        http2
            .decoder()
            .frameListener(new LoadShedder(http2.decoder().frameListener(), http2.encoder(), api));
      }
      return new Connection(Connections.this, http2, carrier.newHandler(http2));
    }

    @Override
    public void close() {
      carrier.close();
    }
  }

  /** Has calls know who is at the other end. */
  private static final class Peers extends ServerTransportFilter {
    @Override
    public Attributes transportReady(Attributes transport) {
      SSLSession session = transport.get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
      if (session != null) {
        ServerTls.end(session);
      }
      Connection connection = Connection.current();
      return connection == null ? transport : connection.peer(transport);
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
