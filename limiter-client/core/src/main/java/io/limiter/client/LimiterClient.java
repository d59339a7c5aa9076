package io.limiter.client;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.limiter.client.sending.InFlight;
import io.limiter.v1.CheckAndConsumeBatchRequest;
import io.limiter.v1.CheckAndConsumeBatchResponse;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.RateLimiterGrpc;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
  private final Duration deadline;
  private final OnUnreachable onUnreachable;
  private final FailOpens failOpens;
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

  LimiterClient(LimiterClientBuilder settings, Channel channel, @Nullable ManagedChannel owned) {
    this.owned = owned;
    this.inFlight = new InFlight(settings.maxInFlight());
    this.deadline = settings.deadline();
    this.onUnreachable = settings.onUnreachable();
    this.calls = new Calls(settings, channel, inFlight);
    this.failOpens = new FailOpens(settings, calls.timer());
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
    return failOpens.total();
  }

  /** How many times something was sent again since the client was built. For a metric. */
  public long retried() {
    return calls.retried();
  }

  /** Asks, and waits for the answer. */
  public Decision check(CheckRequest request) {
    return calls.blocking(checking(request));
  }

  /**
   * Asks. What is chained to the answer runs on a thread of the channel.
   *
   * @return completes with the answer, at the latest about when the deadline has passed; fails with
   *     an {@link InvalidRequestException} or {@link RefusedException}, or with an {@link
   *     IllegalStateException} after {@link #close}
   */
  public CompletableFuture<Decision> checkAsync(CheckRequest request) {
    return calls.async(checking(request));
  }

  /**
   * Asks many questions at once, each decided on its own. The shortest of their deadlines counts.
   *
   * @return one answer for each, in order; {@link Decision.Invalid} for one that was wrong
   * @throws InvalidRequestException when the batch as a whole is wrong: too many questions, or too
   *     long
   */
  public List<Decision> checkAll(List<CheckRequest> requests) {
    return requests.isEmpty() ? List.of() : calls.blocking(checkingAll(requests));
  }

  /** The same without waiting. Fails as {@link #checkAsync} does. */
  public CompletableFuture<List<Decision>> checkAllAsync(List<CheckRequest> requests) {
    return requests.isEmpty()
        ? CompletableFuture.completedFuture(List.of())
        : calls.async(checkingAll(requests));
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
    return calls.blocking(Call.refund(receipt, deadline));
  }

  /** The same, without waiting. */
  public CompletableFuture<Boolean> refundAsync(Receipt receipt) {
    return calls.async(Call.refund(receipt, deadline));
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
    return calls.blocking(Call.reset(domain, attributes, List.of(rules), deadline));
  }

  /** The same, without waiting. */
  public CompletableFuture<Integer> resetAsync(
      String domain, Map<String, String> attributes, String... rules) {
    return calls.async(Call.reset(domain, attributes, List.of(rules), deadline));
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
    failOpens.flush();
    if (owned != null) {
      owned.shutdownNow();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  Duration deadline(CheckRequest request) {
    return request.deadline().orElse(deadline);
  }

  OnUnreachable onUnreachable(CheckRequest request) {
    return request.onUnreachable().orElse(onUnreachable);
  }

  ScheduledExecutorService timer() {
    return calls.timer();
  }

  FailOpens failOpens() {
    return failOpens;
  }

  void closed(CheckStream stream) {
    streams.remove(stream);
  }

  private Call<CheckAndConsumeRequest, CheckAndConsumeResponse, Decision> checking(
      CheckRequest request) {
    OnUnreachable policy = onUnreachable(request);
    CheckAndConsumeRequest message = calls.keyed(request.message());
    return new Call<>(
        RateLimiterGrpc.getCheckAndConsumeMethod(),
        message,
        calls.repeatable(message),
        deadline(request),
        response -> {
          Decision decision = Wire.decision(response, policy);
          if (decision instanceof Decision.Invalid invalid) {
            throw invalid.cause();
          }
          return failOpens.counted(decision);
        },
        cause -> failOpens.counted(policy.decision(cause)));
  }

  private Call<CheckAndConsumeBatchRequest, CheckAndConsumeBatchResponse, List<Decision>>
      checkingAll(List<CheckRequest> requests) {
    List<CheckRequest> asked = List.copyOf(requests);
    CheckAndConsumeBatchRequest.Builder message = CheckAndConsumeBatchRequest.newBuilder();
    Duration shortest = deadline(asked.get(0));
    boolean repeatable = true;
    for (CheckRequest request : asked) {
      CheckAndConsumeRequest question = calls.keyed(request.message());
      message.addRequests(question);
      repeatable &= calls.repeatable(question);
      Duration each = deadline(request);
      shortest = each.compareTo(shortest) < 0 ? each : shortest;
    }
    return new Call<>(
        RateLimiterGrpc.getCheckAndConsumeBatchMethod(),
        message.build(),
        repeatable,
        shortest,
        response -> decisions(asked, response),
        cause ->
            asked.stream()
                .map(request -> failOpens.counted(onUnreachable(request).decision(cause)))
                .toList());
  }

  private List<Decision> decisions(
      List<CheckRequest> asked, CheckAndConsumeBatchResponse response) {
    if (response.getResponsesCount() != asked.size()) {
      throw new UnreachableException(
          Status.Code.INTERNAL,
          "%s answers came to a batch of %s".formatted(response.getResponsesCount(), asked.size()));
    }
    List<Decision> decisions = new ArrayList<>(asked.size());
    for (int i = 0; i < asked.size(); i++) {
      OnUnreachable policy = onUnreachable(asked.get(i));
      decisions.add(failOpens.counted(Wire.decision(response.getResponses(i), policy)));
    }
    return List.copyOf(decisions);
  }
}
