package io.limiter.server.program;

import io.limiter.server.api.Failures;
import io.limiter.server.api.RateLimiterApi;
import io.limiter.server.certificate.ServerTls;
import io.limiter.server.decide.Limiter;
import io.limiter.server.decide.UnknownDomain;
import io.limiter.server.envoy.EnvoyApi;
import io.limiter.server.gateway.GatewayApi;
import io.limiter.server.grpc.GrpcServer;
import io.limiter.server.http.HttpServer;
import io.limiter.server.http.Readiness;
import io.limiter.server.metrics.Metrics;
import io.limiter.server.program.WarmupConnection.Call;
import io.limiter.server.rules.live.LiveRules;
import io.limiter.server.store.deny.DenyCache;
import io.limiter.server.store.fallback.RuleFallback;
import io.limiter.server.store.lease.Leases;
import io.limiter.server.store.redis.RedisCounterStore;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the service do what it does, before its gRPC port opens. Classes are loaded and code is
 * compiled by that, which takes longer than a decision may: else the first callers would fail.
 *
 * <p>All that serves is there a second time, behind a socket of its own, with rules of its own, and
 * counts for nobody. Only the connection to Redis is the real one. Nobody else can reach others'
 * counters here. What is charged is taken back, or ends by itself within seconds.
 */
final class Warmup {
  private static final Logger log = LoggerFactory.getLogger(Warmup.class);

  /** So many, with Redis, are enough for a server. */
  private static final int ROUNDS = Integer.getInteger("limiter.warmup.rounds", 600);

  /**
   * How many servers are asked, one after the other. What was compiled before one stopped and the
   * next started is compiled again after it. So what callers find was compiled when it had.
   */
  private static final int SERVERS = 3;

  /** Enough that the way to a Redis far away is no reason to wait. */
  private static final int CONNECTIONS = 4;

  private static final int ROUNDS_PER_CONNECTION = 8;
  private static final int HTTP_CALLERS = 1;

  /** The first second answers twice as many for it; twelve would make a start 1.3 times as long. */
  private static final int HTTP_CALLS_PER_ROUND = 2;

  private static final Duration DENY_CACHE = Duration.ofSeconds(1);
  private static final Duration FOR_REDIS = Duration.ofSeconds(2);

  private final RedisCounterStore counters;
  private final Time time;
  private final long startNanos = System.nanoTime();
  private final CountDownLatch looked = new CountDownLatch(1);
  private volatile boolean loaded;

  /** How often the present server was asked, with Redis and in all. */
  private final AtomicInteger withRedis = new AtomicInteger();

  private final AtomicInteger rounds = new AtomicInteger();

  /** How long the server that is asked now may take, from the start. */
  private volatile Duration until = Duration.ZERO;

  /**
   * How long it may take.
   *
   * @param forRedis until Redis is there
   * @param most in all, on a machine that has little time for it
   */
  record Time(Duration forRedis, Duration most) {}

  private Warmup(RedisCounterStore counters, Time time) {
    this.counters = counters;
    this.time = time;
  }

  /**
   * Warms up for as long as the settings allow, also if Redis is away.
   *
   * @param http where the HTTP port listens
   */
  static void run(ServiceSettings settings, RedisCounterStore counters, InetSocketAddress http) {
    Duration most = settings.warmUp();
    if (!most.isZero()) {
      log.info(
          "Warming up before the gRPC port opens; set --warm-up to change the longest time of {} ms",
          most.toMillis());
      Duration forRedis = most.compareTo(FOR_REDIS) < 0 ? most : FOR_REDIS;
      run(settings, counters, http, new Time(forRedis, most));
    }
  }

  static void run(
      ServiceSettings settings, RedisCounterStore counters, InetSocketAddress http, Time time) {
    // What it says of a Redis that is away, and of callers who give up, is not true of the warm-up.
    Silence silence = Silence.of(RuleFallback.class, Failures.class);
    try {
      Warmup warmup = new Warmup(counters, time);
      for (int server = 1; server <= SERVERS; server++) {
        warmup.until = time.most.dividedBy(SERVERS).multipliedBy(server);
        if (!warmup.goesOn()) {
          break;
        }
        OpenParts parts = new OpenParts();
        try {
          warmup.run(settings, http, parts);
        } finally {
          parts.close();
        }
      }
      warmup.tellIfShort();
    } catch (IOException cold) {
      log.debug("The warm-up ended early", cold);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      silence.end();
    }
  }

  /** Whoever waits for it had better know that it was not enough. */
  private void tellIfShort() {
    if (counters.connected() && !goesOn()) {
      log.info(
          "The warm-up was not through after {} ms, so the first calls may be late; give it longer"
              + " by --warm-up, or more processor time",
          time.most.toMillis());
    }
  }

  private void run(ServiceSettings settings, InetSocketAddress http, OpenParts parts)
      throws IOException, InterruptedException {
    Serving serving = serve(settings, parts);
    withRedis.set(0);
    rounds.set(0);
    String me = UUID.randomUUID().toString().substring(0, 8);
    List<Thread> callers = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS; i++) {
      WarmupQuestions questions = new WarmupQuestions(me + i);
      callers.add(new Thread(() -> ask(serving.grpc, questions), "limiter-warm-up-" + i));
    }
    WarmupHttp calls =
        new WarmupHttp(
            serving.http,
            new AtomicInteger(),
            HTTP_CALLS_PER_ROUND * ROUNDS,
            () -> goesOn() && mayBeLoaded(),
            this::millisLeft);
    for (int i = 0; i < HTTP_CALLERS; i++) {
      WarmupQuestions questions = new WarmupQuestions(me + "h" + i);
      callers.add(new Thread(() -> calls.ask(questions), "limiter-warm-up-http-" + i));
    }
    WarmupPages pages = WarmupPages.of(http, settings.listen().httpTls(), this::millisLeft);
    callers.add(new Thread(pages::ask, "limiter-warm-up-pages"));
    for (Thread caller : callers) {
      caller.setDaemon(true);
      caller.start();
    }
    load();
    for (Thread caller : callers) {
      caller.join(1 + millisLeft());
    }
  }

  private record Serving(WarmupSockets grpc, WarmupSockets http) {}

  private Serving serve(ServiceSettings settings, OpenParts parts) throws IOException {
    LiveRules rules = LiveRules.fixed(WarmupQuestions.rules(), Clock.systemUTC());
    Metrics metrics =
        parts.keep("metrics of the warm-up", new Metrics(rules, Version.current()), Metrics::close);
    DenyCache denials =
        new DenyCache(
            new WarmupStore(counters, () -> loaded && counters.connected()),
            DENY_CACHE,
            System::nanoTime);
    Leases leases =
        parts.keep("leases of the warm-up", Leases.over(denials, counters), Leases::close);
    Limiter limiter =
        new Limiter(rules, leases, metrics, UnknownDomain.ERROR)
            .fallingBackOn(
                new RuleFallback(
                    Service::nowMicros, () -> 1, settings.bounds().rulesAnswerOverload()));
    RateLimiterApi api =
        new RateLimiterApi(
            limiter, settings.bounds().requests().withInline(0, Duration.ofSeconds(1)));
    EnvoyApi envoy = new EnvoyApi(limiter, settings.envoy(), metrics);
    InetSocketAddress free = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    Optional<ServerTls> grpcTls = settings.listen().grpcTls().map(ServerTls::withoutClients);
    GrpcServer grpc =
        parts.keep(
            "gRPC of the warm-up",
            GrpcServer.start(
                free, settings.listen().connections(), grpcTls, Optional.empty(), api, envoy),
            server -> server.shutdown(Duration.ZERO));
    Optional<ServerTls> tls = settings.listen().httpTls().map(ServerTls::withoutClients);
    HttpServer http =
        parts.keep(
            "HTTP of the warm-up",
            HttpServer.start(
                free, tls, Optional.empty(), metrics, Readiness::ofNothing, rules::state),
            HttpServer::stop);
    http.serve(api, envoy, new GatewayApi(rules, limiter));
    return new Serving(
        WarmupSockets.toLoopback(grpc.port(), grpcTls.isPresent()),
        WarmupSockets.to(http.reachable(), tls.isPresent()));
  }

  /** New connections again and again: what each costs at its begin is to be warm too. */
  private void ask(WarmupSockets grpc, WarmupQuestions questions) {
    int number = 0;
    try {
      while (withRedis.get() < ROUNDS && goesOn()) {
        try (WarmupConnection connection = new WarmupConnection(grpc, number++, time.most)) {
          for (int i = 0; i < ROUNDS_PER_CONNECTION && goesOn(); i++) {
            boolean counted = loaded;
            int round = rounds.getAndIncrement();
            connection.ask(questions.together(round));
            for (Call call : questions.alone(round)) {
              connection.ask(List.of(call));
            }
            connection.giveUp(questions.givenUp(round));
            withRedis.addAndGet(counted ? 1 : 0);
          }
        }
        if (rounds.get() >= ROUNDS && !isLoadedInTime()) {
          break;
        }
      }
      if (withRedis.get() > 0) {
        try (WarmupConnection connection = new WarmupConnection(grpc, number, time.most)) {
          for (Call reset : questions.resets()) {
            connection.ask(List.of(reset));
          }
        }
      }
    } catch (IOException cold) {
      log.debug("The warm-up ended early", cold);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Has Redis load the scripts, once it is there. */
  private void load() throws InterruptedException {
    if (loaded) {
      return;
    }
    while (!counters.connected() && goesOn()) {
      Thread.sleep(5);
    }
    try {
      counters.loadScripts().toCompletableFuture().get(millisLeft(), TimeUnit.MILLISECONDS);
      loaded = counters.connected();
    } catch (ExecutionException | TimeoutException cold) {
      // They are sent when they are called.
    } finally {
      looked.countDown();
    }
  }

  private boolean isLoadedInTime() throws InterruptedException {
    return looked.await(millisLeft(), TimeUnit.MILLISECONDS) && loaded;
  }

  private boolean goesOn() {
    return millisLeft() > 0;
  }

  /** Not when it has turned out that Redis is not there. */
  private boolean mayBeLoaded() {
    return loaded || looked.getCount() > 0;
  }

  private int millisLeft() {
    boolean alone = !loaded && !counters.connected() && until.compareTo(time.forRedis) > 0;
    long end = (alone ? time.forRedis : until).toMillis();
    return (int) Math.max(0, end - (System.nanoTime() - startNanos) / 1_000_000);
  }
}
