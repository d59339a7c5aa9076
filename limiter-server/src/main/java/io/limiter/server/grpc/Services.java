package io.limiter.server.grpc;

import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.netty.util.internal.ThreadExecutorMap;
import io.limiter.envoy.service.RateLimitRequest;
import io.limiter.envoy.service.RateLimitResponse;
import io.limiter.server.access.Asker;
import io.limiter.server.access.Askers;
import io.limiter.server.api.RateLimiterApi;
import io.limiter.server.envoy.EnvoyApi;
import io.limiter.server.grpc.caller.Callers;
import io.limiter.v1.RateLimiterGrpc;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/** What the gRPC port serves of its own: each call is one of a caller who was told first. */
final class Services {
  private final Optional<? extends Askers> access;
  private final RateLimiterService rateLimiter;
  private final EnvoyService envoy;
  private final int most;

  /**
   * The services.
   *
   * @param access tells callers apart; empty if anybody may do anything
   */
  Services(Optional<? extends Askers> access, RateLimiterApi api, EnvoyApi envoy) {
    this.access = access;
    Supplier<Asker> who = access.isPresent() ? Callers::current : () -> Asker.ANYBODY;
    rateLimiter = new RateLimiterService(api, who);
    this.envoy = new EnvoyService(envoy, who);
    most = api.limits().messageBytes();
  }

  /** The one that answers {@link #ownProtocol}. */
  RateLimiterService rateLimiter() {
    return rateLimiter;
  }

  /** {@code limiter.v1}. */
  ServerServiceDefinition ownProtocol() {
    return guarded(
        MalformedMessages.rejected(
            rateLimiter.bindService(),
            most,
            Set.of(RateLimiterGrpc.getCheckAndConsumeBatchMethod().getFullMethodName())));
  }

  /** Envoy's. */
  ServerServiceDefinition envoysProtocol() {
    return guarded(rejected(envoy, most));
  }

  private ServerServiceDefinition guarded(ServerServiceDefinition service) {
    return access
        .map(known -> new Callers(known, Services::laterOnThisConnection, Services::connected))
        .map(callers -> ServerInterceptors.intercept(service, callers))
        .orElse(service);
  }

  private static ServerServiceDefinition rejected(EnvoyService envoy, int most) {
    return MalformedMessages.<RateLimitRequest, RateLimitResponse>rejected(
        envoy.bindService(),
        most,
        /* large= */ Set.of(),
        LenientRequests::new,
        (call, bytes) -> envoy.tooLarge(call, bytes, most));
  }

  private static void connected(Asker who) {
    Connection current = Connection.current();
    if (current != null) {
      current.isOf(who);
    }
  }

  /** Runs what goes on later of what this thread has just read, as its connection's. */
  private static Executor laterOnThisConnection() {
    Connection current = Connection.current();
    Executor eventLoop = ThreadExecutorMap.currentExecutor();
    if (current == null || eventLoop == null) {
      throw new IllegalStateException("this thread has read nothing of a connection");
    }
    return task -> eventLoop.execute(() -> current.run(task));
  }
}
