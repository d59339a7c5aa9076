package io.limiter.server.program;

import io.limiter.server.api.RateLimiterApi;
import io.limiter.server.api.RequestLimits;
import io.limiter.server.decide.DecisionListener;
import io.limiter.server.decide.Limiter;
import io.limiter.server.embedded.EmbeddedRedis;
import io.limiter.server.envoy.EnvoyApi;
import io.limiter.server.grpc.GrpcServer;
import io.limiter.server.http.HttpServer;
import io.limiter.server.http.Readiness;
import io.limiter.server.metrics.Metrics;
import io.limiter.server.rules.live.LiveRules;
import io.limiter.server.rules.live.RulesText;
import io.limiter.server.rules.live.RulesWatch;
import io.limiter.server.store.CounterStore;
import io.limiter.server.store.deny.DenyCache;
import io.limiter.server.store.lease.Leases;
import io.limiter.server.store.redis.RedisCounterStore;
import io.limiter.server.store.redis.RedisSettings;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything that serves, wired together. What is opened first is closed last: the store outlives
 * the ports, so that calls under way are answered.
 */
public final class Service implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Service.class);

  /** Also how long a Redis that is away delays the start. */
  private static final Duration WARMUP = Duration.ofSeconds(2);

  private enum Phase {
    STARTING("starting"),
    SERVING("serving"),
    ENDING("shutting down");

    private final String label;

    Phase(String label) {
      this.label = label;
    }
  }

  private final LiveRules rules;
  private final Deque<Runnable> closers = new ArrayDeque<>();
  private final RedisCounterStore store;
  private final HttpServer http;
  private final GrpcServer grpc;
  private volatile Phase phase = Phase.STARTING;

  private Service(ServiceSettings settings, LiveRules rules) throws IOException {
    this.rules = rules;
    boolean started = false;
    try {
      String uri = settings.redis().isPresent() ? settings.redis().get() : embedded();
      Metrics metrics = new Metrics(rules, Version.current());
      closers.push(metrics::close);
      store =
          RedisCounterStore.connect(
              RedisSettings.of(uri, settings.decisionDeadline()),
              metrics,
              GrpcServer::currentEventLoop);
      closers.push(store::close);
      Leases leases = Leases.over(remembering(settings.denyCache(), metrics), store);
      closers.push(leases::close);
      metrics.watchRedis(store::connected);
      metrics.watchLeases(leases::counters, leases::tokens);
      metrics.watchRules(rules::state);
      rules.listen(metrics);
      http =
          HttpServer.start(
              new InetSocketAddress(settings.bind(), settings.httpPort()),
              metrics,
              this::readiness,
              rules::state);
      closers.push(http::stop);
      Warmup.run(
          new Limiter(rules, store, DecisionListener.NONE),
          store::connected,
          store::loadScripts,
          WARMUP);
      Limiter limiter = new Limiter(rules, leases, metrics);
      grpc =
          GrpcServer.start(
              new InetSocketAddress(settings.bind(), settings.grpcPort()),
              new RateLimiterApi(limiter, RequestLimits.DEFAULTS),
              new EnvoyApi(limiter, settings.envoy()));
      closers.push(() -> grpc.shutdown(settings.shutdownGrace()));
      if (rules.mayChange()) {
        closers.push(RulesWatch.over(rules, settings.rulesPoll())::close);
      }
      phase = Phase.SERVING;
      started = true;
    } finally {
      if (!started) {
        unwind();
      }
    }
  }

  /**
   * Starts to serve. A Redis that is away does not keep it from starting.
   *
   * @param rules from now on watched
   * @param origin where the rules are from, for the log
   * @throws IOException when a port cannot be had or no Redis of its own can be started; the
   *     message says why and what to do
   */
  public static Service start(ServiceSettings settings, LiveRules rules, String origin)
      throws IOException {
    Service service = new Service(settings, rules);
    String host = settings.bind().getHostAddress();
    log.info(
        "Serving gRPC on {}:{} and HTTP on {}:{}, counting in {}, with {}: {}; SHA-256 {}",
        host,
        service.grpcPort(),
        host,
        service.httpPort(),
        service.store.describe(),
        origin,
        RulesText.summary(rules.get()),
        rules.state().inForce().hash());
    return service;
  }

  private CounterStore remembering(Duration longest, Metrics metrics) {
    if (longest.isZero()) {
      return store;
    }
    DenyCache cache = new DenyCache(store, longest, System::nanoTime);
    metrics.watchDenyCache(cache::size);
    return cache;
  }

  private String embedded() throws IOException {
    EmbeddedRedis redis = EmbeddedRedis.start(System.getenv().getOrDefault("PATH", ""));
    closers.push(redis::close);
    log.info(
        "No --redis given: counting in a {} of its own at {}, which forgets all when this ends",
        redis,
        redis.uri());
    return redis.uri();
  }

  /** The port that gRPC listens on. */
  int grpcPort() {
    return grpc.port();
  }

  /** The port that HTTP listens on. */
  int httpPort() {
    return http.port();
  }

  /** Whether this instance should get traffic; nothing decides in Redis's place yet. */
  Readiness readiness() {
    Phase now = phase;
    boolean redis = now == Phase.SERVING && store.connected();
    return new Readiness(
        List.of(
            new Readiness.Part("service", now == Phase.SERVING, now.label),
            new Readiness.Part(
                "rules", !rules.get().domains().isEmpty(), RulesText.status(rules.state())),
            new Readiness.Part(
                "redis",
                redis,
                now != Phase.SERVING
                    ? "not asked"
                    : store.describe() + (redis ? "" : " cannot be asked"))));
  }

  /**
   * Ends in good order: readiness and health fall first, then gRPC takes nothing new and answers
   * what it took, then HTTP ends, what is leased is given back, and the store and a Redis of its
   * own end. Called again, it does nothing.
   */
  @Override
  public void close() {
    if (phase != Phase.ENDING) {
      phase = Phase.ENDING;
      log.info("Shutting down");
      unwind();
      log.info("Shut down");
    }
  }

  private void unwind() {
    while (!closers.isEmpty()) {
      try {
        closers.pop().run();
      } catch (RuntimeException e) {
        log.warn("Something did not end in good order", e);
      }
    }
  }
}
