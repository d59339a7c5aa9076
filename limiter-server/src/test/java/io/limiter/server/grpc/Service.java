package io.limiter.server.grpc;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.limiter.server.api.RateLimiterApi;
import io.limiter.server.api.RequestLimits;
import io.limiter.server.decide.DecisionListener;
import io.limiter.server.decide.Limiter;
import io.limiter.server.decide.Limiters;
import io.limiter.server.envoy.EnvoyApi;
import io.limiter.server.envoy.EnvoySettings;
import io.limiter.server.rules.Rule;
import io.limiter.server.store.CounterStore;
import io.limiter.v1.RateLimiterGrpc;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A real server on a free port of this host, and a channel to it. */
final class Service implements AutoCloseable {
  final GrpcServer server;
  final ManagedChannel channel;

  private Service(GrpcServer server, ManagedChannel channel) {
    this.server = server;
    this.channel = channel;
  }

  static Service over(CounterStore store, Rule... rules) throws IOException {
    return over(RequestLimits.DEFAULTS, store, rules);
  }

  static Service over(RequestLimits limits, CounterStore store, Rule... rules) throws IOException {
    return over(limits, Limiters.over(store, DecisionListener.NONE, rules));
  }

  static Service over(RequestLimits limits, Limiter limiter) throws IOException {
    GrpcServer server =
        GrpcServer.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            new RateLimiterApi(limiter, limits),
            new EnvoyApi(limiter, EnvoySettings.DEFAULTS));
    return new Service(
        server, NettyChannelBuilder.forAddress("127.0.0.1", server.port()).usePlaintext().build());
  }

  RateLimiterGrpc.RateLimiterBlockingStub ask() {
    return RateLimiterGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
  }

  RateLimiterGrpc.RateLimiterStub askAsync() {
    return RateLimiterGrpc.newStub(channel).withDeadlineAfter(60, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    channel.shutdownNow();
    server.shutdown(Duration.ZERO);
  }
}
