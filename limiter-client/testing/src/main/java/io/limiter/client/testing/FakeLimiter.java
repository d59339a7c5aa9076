package io.limiter.client.testing;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.limiter.client.Decision;
import io.limiter.client.LimiterClient;
import io.limiter.v1.DenialKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;

/**
 * A rate-limit service for tests, within the test's own process: it needs no port, no Redis and no
 * time. The client that asks it is a real one, so what is tested is what will run.
 *
 * <pre>{@code
 * try (FakeLimiter fake = FakeLimiter.start()) {
 *   Shop shop = new Shop(fake.client());
 *   fake.deny(Duration.ofSeconds(3));          // the next question
 *   assertEquals(429, shop.order("alice"));
 *   assertEquals(200, shop.order("alice"));    // all others are admitted
 *   assertEquals("alice", fake.asked().get(0).attributes().get("user"));
 * }
 * }</pre>
 *
 * <p>Questions get, in order: the answers that were scripted; then what the {@linkplain #limit
 * limits} say, whose time is the test's ({@link #advance}); without limits all are admitted.
 *
 * <p>Thread-safe.
 */
public final class FakeLimiter implements AutoCloseable {
  private final FakeService service = new FakeService();
  private final Server server;
  private final ManagedChannel channel;
  private final LimiterClient client;

  private FakeLimiter() {
    String name = InProcessServerBuilder.generateName();
    try {
      server = InProcessServerBuilder.forName(name).addService(service).build().start();
    } catch (IOException e) {
      throw new UncheckedIOException("the fake service cannot be started", e);
    }
    channel = InProcessChannelBuilder.forName(name).disableRetry().build();
    client = LimiterClient.over(channel).deadline(Duration.ofMinutes(1)).build();
  }

  /** A service that admits everything. */
  public static FakeLimiter start() {
    return new FakeLimiter();
  }

  /**
   * Asks this service. It waits for a minute, so that a slow machine fails no test; build another
   * over {@link #channel} to test with a deadline of your own.
   */
  public LimiterClient client() {
    return client;
  }

  /** For {@link LimiterClient#over}. */
  public Channel channel() {
    return channel;
  }

  /** Admits the next question that has no answer yet. */
  public FakeLimiter admit() {
    return admit(Duration.ZERO);
  }

  /**
   * Admits it, and has it wait before it goes ahead, as a leaky bucket does.
   *
   * @param delay zero or more
   */
  public FakeLimiter admit(Duration delay) {
    service.script(Scripted.admits(delay));
    return this;
  }

  /** Admits it, and says that less would do: {@link Decision#degraded}. */
  public FakeLimiter admitDegraded() {
    service.script(Scripted.admitsDegraded());
    return this;
  }

  /**
   * Denies it, by a rule of kind {@link Decision.DenialKind#RATE}.
   *
   * @param retryAfter when it would be admitted; positive
   */
  public FakeLimiter deny(Duration retryAfter) {
    return deny(retryAfter, Decision.DenialKind.RATE);
  }

  /**
   * Denies it.
   *
   * @param retryAfter when it would be admitted; positive
   * @param kind by what kind of a rule
   */
  public FakeLimiter deny(Duration retryAfter, Decision.DenialKind kind) {
    service.script(Scripted.denies(retryAfter, DenialKind.valueOf(kind.name())));
    return this;
  }

  /** Denies it, and says that it would never be admitted. */
  public FakeLimiter denyForever() {
    service.script(Scripted.deniesForever());
    return this;
  }

  /** Gives no decision but fails, such as with {@link Status#UNAVAILABLE}. */
  public FakeLimiter fail(Status status) {
    service.script(Scripted.fails(status));
    return this;
  }

  /**
   * Admits so many in each window, beginning at time 0, and denies what is beyond. A question that
   * several limits count is admitted by all or charged to none.
   *
   * @param rule its name, in the decision's statuses
   * @param limit 0 or more
   * @param window positive
   * @param attributes each combination of their values is counted for itself, and a question that
   *     lacks one is not counted
   */
  public FakeLimiter limit(String rule, long limit, Duration window, String... attributes) {
    service.limit(new Counter(rule, limit, window, List.of(attributes)));
    return this;
  }

  /**
   * Admits so many at once, each until it is released or settled, or its hold ends by itself.
   *
   * @param rule its name, in the decision's statuses
   * @param limit 0 or more
   * @param hold for how long each counts at most; positive
   * @param attributes as those of {@link #limit}
   */
  public FakeLimiter concurrency(String rule, long limit, Duration hold, String... attributes) {
    service.concurrency(rule, limit, hold, List.of(attributes));
    return this;
  }

  /**
   * Lets time pass for the limits and the holds.
   *
   * @param time zero or more
   */
  public FakeLimiter advance(Duration time) {
    service.advance(time);
    return this;
  }

  /** Every question since the start, oldest first; also those of batches, streams and failures. */
  public List<Asked> asked() {
    return service.asked();
  }

  /**
   * What it was told of upstreams, oldest first. Its limits hold to that, until the test
   * {@linkplain #advance lets time pass}. They count requests, so what is said of another unit
   * clamps none.
   */
  public List<Observed> observed() {
    return service.observed();
  }

  /** How many admissions were given back. */
  public int refunded() {
    return service.refunded();
  }

  /**
   * How many holds have not ended. Questions with {@link io.limiter.client.CheckRequest#hold} hold,
   * and those that a limit of {@link #concurrency} counts.
   */
  public int held() {
    return service.ofHolds((holds, now) -> holds.open().size());
  }

  /** What holds were settled by, oldest first. */
  public List<Settled> settled() {
    return service.ofHolds((holds, now) -> holds.settled());
  }

  /** How many holds were released. */
  public int released() {
    return service.ofHolds((holds, now) -> holds.released());
  }

  /** How many times holds were renewed. */
  public int renewed() {
    return service.ofHolds((holds, now) -> holds.renewed());
  }

  /**
   * Forgets everything, as if it had just been started: scripted answers, limits, time, questions,
   * observations and receipts. For one that several tests share.
   */
  public FakeLimiter reset() {
    service.reset();
    return this;
  }

  /** Ends the client and the service. */
  @Override
  public void close() {
    client.close();
    channel.shutdownNow();
    server.shutdownNow();
  }
}
