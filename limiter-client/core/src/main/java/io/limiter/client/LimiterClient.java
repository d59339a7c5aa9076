package io.limiter.client;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.limiter.client.deny.DenyCache;
import io.limiter.client.sending.InFlight;
import io.limiter.client.upstream.Observation;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Asks the rate-limit service. Thread-safe; one for the whole program is enough.
 *
 * <p>Every question has a deadline and gets an answer. When the service cannot be reached or does
 * not answer in time, the answer is {@link Decision.Unreachable}, by {@link OnUnreachable}. A
 * question is sent again only under an idempotency key ({@link LimiterClientBuilder#retries}), or
 * if it is certain that no instance has begun with it: any other sending may be charged.
 *
 * <p>A mistake in a question or in the configuration is thrown, never answered: {@link
 * InvalidRequestException} and {@link RefusedException}. Futures fail with them. An interrupted
 * thread gets the answer of {@link OnUnreachable} and stays interrupted.
 *
 * <p>The first call of a program also connects and loads classes, which may take longer than the
 * deadline. {@link #awaitReady} at start-up pays for that in advance.
 */
public final class LimiterClient implements AutoCloseable {
  private final @Nullable ManagedChannel owned;
  private final InFlight inFlight;
  private final Calls calls;
  private final Checks checks;
  private final Set<CheckStream> streams = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean closing = new AtomicBoolean();

  /**
   * Requests that went ahead unchecked, because no answer came and {@link OnUnreachable#OPEN} was
   * in force.
   *
   * @param decisions how many since the last report; 1 or more
   * @param total how many since the client was built
   * @param cause why the last of them has no answer
   */
  public record FailOpen(long decisions, long total, UnreachableException cause) {}

  /**
   * The answer to several alternatives.
   *
   * @param place of the alternative that was admitted and charged, from 0; empty if none was
   * @param decision what that one was told. If none was admitted: what the one was told that may be
   *     admitted soonest
   * @param denied what those were told that come before the chosen one, in their order; if none was
   *     admitted, all of them. Empty if no answer came, and if the answer is that of an earlier
   *     question with the same idempotency key
   */
  public record Choice(OptionalInt place, Decision decision, List<Decision> denied) {
    public Choice {
      denied = List.copyOf(denied);
    }
  }

  LimiterClient(LimiterClientBuilder settings, Channel channel, @Nullable ManagedChannel owned) {
    this.owned = owned;
    this.inFlight = new InFlight(settings.maxInFlight());
    this.calls = new Calls(settings, channel, inFlight);
    this.checks = new Checks(settings, calls);
  }

  /**
   * Starts to build a client of the service at a target.
   *
   * @param target {@code host:port}; several of them with commas between; or a URI that gRPC
   *     resolves, such as {@code dns:///host:port}. If a host has several addresses, all are meant.
   *     Calls go to each address in turn
   * @throws IllegalArgumentException for anything else; the message says what to write
   */
  public static LimiterClientBuilder to(String target) {
    return LimiterClientBuilder.to(target);
  }

  /**
   * Starts to build a client over a channel of the caller's, which {@link #close} leaves open. Its
   * service config must have no {@code retryPolicy} and no {@code hedgingPolicy}: a channel that
   * sends again what an instance has begun with may charge twice.
   */
  public static LimiterClientBuilder over(Channel channel) {
    return LimiterClientBuilder.over(channel);
  }

  /**
   * Waits until the service answers, and loads what the first question needs. Charges nothing. A
   * program calls it once, when it starts; it may go on when this fails.
   *
   * @param longest how long to wait at most; positive
   * @throws UnreachableException if there was no answer by then; the message says why
   * @throws RefusedException if there is another service at the target
   */
  public void awaitReady(Duration longest) {
    Startup.await(calls, owned, CheckRequest.positive("longest", longest));
  }

  /** How many requests went ahead unchecked since the client was built. For a metric. */
  public long failedOpen() {
    return checks.failOpens().total();
  }

  /** How many times something was sent again since the client was built. For a metric. */
  public long retried() {
    return calls.retried();
  }

  /**
   * How many questions were denied without a call, by the {@link LimiterClientBuilder#denyCache
   * deny cache}, since the client was built. For a metric.
   */
  public long deniedNear() {
    return checks.denials().answered();
  }

  /** Asks, and waits for the answer. */
  public Decision check(CheckRequest request) {
    DenyCache.Asked asked = checks.denials().ask(request.message());
    Decision near = checks.near(request, asked);
    return near == null ? calls.blocking(checks.one(request, asked)) : near;
  }

  /**
   * Asks. What is chained to the answer runs on a thread of the channel, or on the caller's if the
   * answer is there already.
   *
   * @return completes with the answer, at the latest about when the deadline has passed; fails with
   *     an {@link InvalidRequestException} or {@link RefusedException}, or with an {@link
   *     IllegalStateException} after {@link #close}
   */
  public CompletableFuture<Decision> checkAsync(CheckRequest request) {
    DenyCache.Asked asked = checks.denials().ask(request.message());
    Decision near = checks.near(request, asked);
    return near == null
        ? calls.async(checks.one(request, asked))
        : CompletableFuture.completedFuture(near);
  }

  /**
   * Asks many questions at once, each decided on its own. The shortest of their deadlines counts.
   *
   * @return one answer for each, in order; {@link Decision.Invalid} for one that was wrong
   * @throws InvalidRequestException when the batch as a whole is wrong: too many questions, or too
   *     long
   */
  public List<Decision> checkAll(List<CheckRequest> requests) {
    return requests.isEmpty() ? List.of() : calls.blocking(checks.all(requests));
  }

  /** The same without waiting. Fails as {@link #checkAsync} does. */
  public CompletableFuture<List<Decision>> checkAllAsync(List<CheckRequest> requests) {
    return requests.isEmpty()
        ? CompletableFuture.completedFuture(List.of())
        : calls.async(checks.all(requests));
  }

  /**
   * Charges the first of several questions that is admitted, and none of the others: keys of a
   * pool, models, providers. They are one question. It is sent again if each has an idempotency
   * key; the shortest of their deadlines counts. When no answer comes, the policy of the first
   * decides: if that is open, the first is chosen, unchecked.
   *
   * @param alternatives in order of preference; 1 to 16
   * @throws InvalidRequestException when there is none or too many, or one of them is wrong
   */
  public Choice checkAny(List<CheckRequest> alternatives) {
    return calls.blocking(checks.any(alternatives));
  }

  /** The same without waiting. Fails as {@link #checkAsync} does. */
  public CompletableFuture<Choice> checkAnyAsync(List<CheckRequest> alternatives) {
    return calls.async(checks.any(alternatives));
  }

  /** Opens a stream of questions. It connects when the first one is asked. */
  public CheckStream stream() {
    if (closing.get()) {
      throw new IllegalStateException("the client is closed; build another one to ask again");
    }
    // Half of what may be in flight: overdue questions and waiting ones together stay bounded.
    int maxOverdue = Math.max(1, inFlight.bound() / 2);
    CheckStream stream = new CheckStream(this, calls, maxOverdue);
    streams.add(stream);
    return stream;
  }

  /**
   * Gives back what an admitted question was charged: at most once, however often this is called.
   *
   * @return false when it was given back before, if only by a try whose answer was lost, or when
   *     its windows have passed
   * @throws UnreachableException when no answer came; it is safe to call again
   */
  public boolean refund(Receipt receipt) {
    return calls.blocking(checks.refund(receipt));
  }

  /** The same, without waiting. */
  public CompletableFuture<Boolean> refundAsync(Receipt receipt) {
    return calls.async(checks.refund(receipt));
  }

  /** For what questions with {@link CheckRequest#hold} hold, by their receipts. */
  public Holds holds() {
    return new Holds(calls, checks);
  }

  /**
   * Resets counters, as if they had never been charged.
   *
   * @param attributes select the counters as those of a question would
   * @param rules the names of the rules to reset. Without names: every rule that the attributes
   *     select
   * @return how many counters there were, for the try that was answered
   * @throws UnreachableException when no answer came; it is safe to call again
   */
  public int reset(String domain, Map<String, String> attributes, String... rules) {
    return calls.blocking(checks.reset(domain, attributes, List.of(rules)));
  }

  /** The same, without waiting. */
  public CompletableFuture<Integer> resetAsync(
      String domain, Map<String, String> attributes, String... rules) {
    return calls.async(checks.reset(domain, attributes, List.of(rules)));
  }

  /**
   * Tells what an upstream said of its own limit. The rules that a request's attributes select, and
   * that have {@code learn: true}, hold to it from then on, for every caller.
   *
   * @param request its domain and attributes count; what it would be charged does not
   * @param observation what was said. What is told later replaces it
   * @param rules the names of the rules that are meant, each of which must learn. Without names:
   *     every such rule that the attributes select
   * @return how many counters hold to it; 0 if no rule that applies learns
   * @throws UnreachableException when no answer came; it is safe to call again
   */
  public int observe(CheckRequest request, Observation observation, String... rules) {
    return calls.blocking(checks.observe(request, observation, List.of(rules)));
  }

  /** The same, without waiting. */
  public CompletableFuture<Integer> observeAsync(
      CheckRequest request, Observation observation, String... rules) {
    return calls.async(checks.observe(request, observation, List.of(rules)));
  }

  /**
   * Takes no more questions, waits for the answers of those under way, and disconnects. Each is
   * answered at its deadline at the latest. When interrupted, it ends them at once.
   */
  @Override
  public void close() {
    if (!closing.compareAndSet(false, true)) {
      return;
    }
    checks.denials().close();
    List<CheckStream> open = List.copyOf(streams);
    open.forEach(CheckStream::close);
    boolean interrupted = false;
    try {
      inFlight.close();
    } catch (InterruptedException e) {
      interrupted = true;
    }
    open.forEach(CheckStream::cancel);
    calls.timer().shutdown();
    checks.failOpens().flush();
    if (owned != null) {
      owned.shutdownNow();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  Checks checks() {
    return checks;
  }

  ScheduledExecutorService timer() {
    return calls.timer();
  }

  void closed(CheckStream stream) {
    streams.remove(stream);
  }
}
