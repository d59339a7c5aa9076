package io.limiter.server.program;

import io.limiter.server.access.Access;
import io.limiter.server.access.AccessListener;
import io.limiter.server.access.Askers;
import io.limiter.server.access.file.AccessWatch;
import io.limiter.server.api.RateLimiterApi;
import io.limiter.server.audit.Audit;
import io.limiter.server.audit.AuditLog;
import io.limiter.server.audit.RefusalLog;
import io.limiter.server.decide.Limiter;
import io.limiter.server.embedded.EmbeddedRedis;
import io.limiter.server.envoy.EnvoyApi;
import io.limiter.server.gateway.GatewayApi;
import io.limiter.server.grpc.GrpcServer;
import io.limiter.server.grpc.UnixSocket;
import io.limiter.server.http.HttpServer;
import io.limiter.server.http.Readiness;
import io.limiter.server.key.ValueHash;
import io.limiter.server.metrics.Metrics;
import io.limiter.server.rules.live.LiveRules;
import io.limiter.server.rules.live.RulesText;
import io.limiter.server.rules.live.RulesWatch;
import io.limiter.server.store.CounterStore;
import io.limiter.server.store.deny.DenyCache;
import io.limiter.server.store.endpoint.RedisEndpoint;
import io.limiter.server.store.fallback.RuleFallback;
import io.limiter.server.store.fallback.Settler;
import io.limiter.server.store.lease.Leases;
import io.limiter.server.store.redis.Instances;
import io.limiter.server.store.redis.RedisCounterStore;
import io.limiter.server.store.redis.RedisSettings;
import io.limiter.server.store.redis.RedisWatch;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything that serves, wired together. What is opened first is closed last: the counters outlive
 * the ports, so that calls in flight are answered.
 */
public final class Service implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Service.class);

  private final OpenParts parts;
  private final Health health;
  private final HttpServer http;
  private final GrpcServer grpc;

  private Service(OpenParts parts, Health health, HttpServer http, GrpcServer grpc) {
    this.parts = parts;
    this.health = health;
    this.http = http;
    this.grpc = grpc;
  }

  /**
   * Starts to serve. A Redis that is away does not keep it from starting.
   *
   * @param rules watched from now on, if they may change
   * @param origin where the rules are from, for the log
   * @throws IOException when it cannot listen on a port or cannot start an embedded Redis; the
   *     message says why and what to do
   */
  public static Service start(ServiceSettings settings, LiveRules rules, String origin)
      throws IOException {
    OpenParts parts = new OpenParts();
    boolean started = false;
    try {
      Service service = open(settings, rules, origin, parts);
      started = true;
      return service;
    } finally {
      if (!started) {
        parts.close();
      }
    }
  }

  private static Service open(
      ServiceSettings settings, LiveRules rules, String origin, OpenParts parts)
      throws IOException {
    ServiceSettings.Counting counting = settings.counting();
    // What is in the way is found out before anything is started.
    Ports.check(settings.listen());
    RedisEndpoint redis =
        counting.redis().isPresent() ? counting.redis().get() : embeddedRedis(parts);
    Metrics metrics = parts.keep("metrics", new Metrics(rules, Version.current()), Metrics::close);
    UntilServing measured = new UntilServing(metrics);
    RedisCounterStore store =
        parts.keep(
            "Redis connection",
            RedisCounterStore.connect(
                RedisSettings.of(redis, counting.deadline(), counting.longestDeadline()),
                measured,
                Ports::currentEventLoop,
                Ports::currentCaller),
            RedisCounterStore::close);
    Settler settler =
        parts.keep(
            "settling of debts",
            Settler.with(store, metrics.debts(), Service::nowMicros),
            Settler::close);
    metrics.watchDebts(settler::debts);
    Optional<DenyCache> denials = denyCache(store, counting.denyCache(), metrics);
    RedisWatch watch =
        parts.keep(
            "watch over Redis",
            RedisWatch.over(store, denials.map(settler::besides)),
            RedisWatch::close);
    metrics.watch(watch);
    CounterStore cached = settler.inFrontOf(denials.isPresent() ? denials.get() : store);
    Leases leases = parts.keep("leases", Leases.over(cached, store), Leases::close);
    Optional<AuditLog> audit = audit(settings, parts);
    measure(metrics, store, leases, rules, audit);
    Health health = new Health(rules, store, watch);
    Optional<AccessWatch> files = watchFiles(settings, metrics, audit, parts);
    Optional<? extends Askers> access = askers(files, audit);
    HttpServer http =
        parts.keep(
            "HTTP port",
            HttpServer.start(
                settings.listen().http(),
                settings.listen().httpTls(),
                access,
                metrics,
                health::readiness,
                rules::state),
            server -> server.stop(settings.shutdown().grace()));
    Warmup.run(settings, store, http.reachable());
    measured.serving();
    Instances instances = parts.keep("count of instances", Instances.of(store), Instances::close);
    RuleFallback fallback =
        new RuleFallback(
            Service::nowMicros, instances::count, settings.bounds().rulesAnswerOverload(), settler);
    metrics.watchFallback(instances::count, fallback::counters);
    Limiter limiter =
        new Limiter(rules, leases, metrics, counting.unknown())
            .fallingBackOn(fallback)
            .boundingInline(settings.bounds().inlineCounters())
            .hashing(
                files.<Supplier<ValueHash>>map(one -> one::values).orElse(() -> ValueHash.PLAIN));
    metrics.watchEstimates(limiter::estimatedCounters);
    RateLimiterApi api =
        new RateLimiterApi(
            limiter, settings.bounds().requests(), audit.<Audit>map(on -> on).orElse(Audit.NONE));
    EnvoyApi envoy = new EnvoyApi(limiter, settings.envoy(), metrics);
    http.serve(api, envoy, new GatewayApi(rules, limiter));
    GrpcServer grpc =
        parts.keep(
            "gRPC port",
            Ports.grpc(settings.listen(), access, api, envoy),
            server -> server.shutdown(settings.shutdown().delay(), settings.shutdown().grace()));
    if (rules.mayChange()) {
      parts.keep("rules watch", RulesWatch.over(rules, settings.rulesPoll()), RulesWatch::close);
    }
    health.serving();
    parts.keep("health", health.tell(grpc::ready), Runnable::run);
    Service service = new Service(parts, health, http, grpc);
    String host = settings.listen().address().getHostAddress();
    log.info(
        "Serving gRPC on {}{} and {} on {}:{}, counting in {}, with {}: {}; SHA-256 {}",
        settings.listen().grpcSocket().map(UnixSocket::toString).orElse(host + ":" + grpc.port()),
        settings.listen().grpcTls().isPresent() ? " (TLS)" : "",
        settings.listen().httpTls().isPresent() ? "HTTPS" : "HTTP",
        host,
        service.httpPort(),
        store.describe(),
        origin,
        RulesText.summary(rules.get()),
        rules.state().inForce().hash());
    return service;
  }

  private static Optional<AuditLog> audit(ServiceSettings settings, OpenParts parts)
      throws IOException {
    return settings.audit().isEmpty()
        ? Optional.empty()
        : Optional.of(
            parts.keep(
                "audit log",
                AuditLog.to(settings.audit().get(), Clock.systemUTC()),
                AuditLog::close));
  }

  /** Without a file of callers, the audit log is told where they call from. */
  private static Optional<? extends Askers> askers(
      Optional<AccessWatch> files, Optional<AuditLog> audit) {
    Optional<Access> access = files.flatMap(AccessWatch::access);
    return access.isPresent() ? access : audit.map(on -> Askers.ANYBODY);
  }

  private static Optional<AccessWatch> watchFiles(
      ServiceSettings settings, Metrics metrics, Optional<AuditLog> audit, OpenParts parts)
      throws IOException {
    if (settings.access().isEmpty()) {
      return Optional.empty();
    }
    List<AccessListener> listeners = new ArrayList<>(List.of(metrics.access(), new RefusalLog()));
    audit.ifPresent(listeners::add);
    AccessWatch watch =
        AccessWatch.over(
            settings.access().get(), AccessListener.all(listeners), System::currentTimeMillis);
    return Optional.of(parts.keep("watch over access", watch, AccessWatch::close));
  }

  private static RedisEndpoint embeddedRedis(OpenParts parts) throws IOException {
    EmbeddedRedis redis =
        parts.keep(
            "embedded Redis",
            EmbeddedRedis.start(System.getenv().getOrDefault("PATH", "")),
            EmbeddedRedis::close,
            EmbeddedRedis::expectEnd);
    log.info(
        "Counting in a {} of its own at {}, which forgets all when this ends", redis, redis.uri());
    return RedisEndpoint.parse(redis.uri());
  }

  private static Optional<DenyCache> denyCache(
      CounterStore store, Duration longest, Metrics metrics) {
    if (longest.isZero()) {
      return Optional.empty();
    }
    DenyCache cache = new DenyCache(store, longest, System::nanoTime);
    metrics.watchDenyCache(cache::size);
    return Optional.of(cache);
  }

  private static void measure(
      Metrics metrics,
      RedisCounterStore store,
      Leases leases,
      LiveRules rules,
      Optional<AuditLog> audit) {
    metrics.watchRedis(store::connected);
    metrics.watchLeases(leases::counters, leases::tokens);
    metrics.watchRules(rules::state);
    rules.listen(
        good -> {
          metrics.loaded(good);
          audit.ifPresent(on -> on.rulesLoaded(good, rules.state().ruleCount()));
        });
  }

  /** Decides only while the time of Redis cannot be asked for. */
  static long nowMicros() {
    Instant now = Instant.now();
    return now.getEpochSecond() * 1_000_000 + now.getNano() / 1_000;
  }

  /** The port that gRPC listens on; -1 for a Unix socket. */
  int grpcPort() {
    return grpc.port();
  }

  /** The port that HTTP listens on. */
  int httpPort() {
    return http.port();
  }

  /** Whether this instance should get traffic. */
  Readiness readiness() {
    return health.readiness();
  }

  /**
   * Shuts down without losing accepted calls. Health and readiness fall first, and all is served on
   * for the delay. Then gRPC drains the calls in flight, HTTP ends, unused leases go back, and the
   * connection to Redis and an embedded Redis close. Called again, it does nothing.
   */
  @Override
  public void close() {
    if (health.shuttingDown()) {
      log.info("Shutting down");
      parts.announceEnd();
      parts.close();
      log.info("Shut down");
    }
  }
}
