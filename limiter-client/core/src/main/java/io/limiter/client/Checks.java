package io.limiter.client;

import com.google.protobuf.MessageLite;
import io.grpc.Status;
import io.limiter.client.deny.DenyCache;
import io.limiter.client.sending.Reports;
import io.limiter.client.upstream.Observation;
import io.limiter.v1.CheckAndConsumeBatchRequest;
import io.limiter.v1.CheckAndConsumeBatchResponse;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.CheckAnyRequest;
import io.limiter.v1.CheckAnyResponse;
import io.limiter.v1.RateLimiterGrpc;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The calls that ask: what is sent, how long it may take, and how its answer is read. Every
 * decision passes {@link #heard}. Thread-safe.
 */
final class Checks {
  private static final System.Logger LOG = System.getLogger(LimiterClient.class.getName());

  private final Calls calls;
  private final Duration deadline;
  private final OnUnreachable onUnreachable;
  private final Consumer<Decision> onDecision;
  private final Reports<UnreachableException> failOpens;
  private final DenyCache denials;

  Checks(LimiterClientBuilder settings, Calls calls) {
    this.calls = calls;
    this.deadline = settings.deadline();
    this.onUnreachable = settings.onUnreachable();
    this.onDecision = settings.onDecision();
    Consumer<LimiterClient.FailOpen> listener = settings.onFailOpen();
    this.failOpens =
        new Reports<>(
            (decisions, total, cause) ->
                listener.accept(new LimiterClient.FailOpen(decisions, total, cause)),
            calls.timer());
    // With random keys each question has one, and no question with a key is answered from it.
    this.denials =
        new DenyCache(
            settings.randomKeys() ? Duration.ZERO : settings.denyCache(), settings.nanoTime());
  }

  /** What a client does that was given no listener. */
  static void log(LimiterClient.FailOpen opened) {
    LOG.log(
        Level.WARNING,
        "Requests that went ahead unchecked: {0}, in all {1}; {2}",
        opened.decisions(),
        opened.total(),
        opened.cause().getMessage());
  }

  Reports<UnreachableException> failOpens() {
    return failOpens;
  }

  Duration deadline(CheckRequest request) {
    return request.deadline().orElse(deadline);
  }

  OnUnreachable onUnreachable(CheckRequest request) {
    return request.onUnreachable().orElse(onUnreachable);
  }

  /** Tells of a decision, and counts it if it is one that failed open. */
  Decision heard(Decision decision) {
    try {
      onDecision.accept(decision);
    } catch (RuntimeException fault) {
      LOG.log(Level.WARNING, "The listener of decisions has failed", fault);
    }
    if (decision instanceof Decision.Unreachable unreachable && unreachable.allowed()) {
      failOpens.count(unreachable.cause());
    }
    return decision;
  }

  DenyCache denials() {
    return denials;
  }

  /** What a question is answered without being sent; null if it has to be sent. */
  @Nullable Decision near(CheckRequest request, DenyCache.Asked asked) {
    CheckAndConsumeResponse denial = asked.denial();
    return denial == null ? null : heard(Wire.valid(denial, onUnreachable(request)));
  }

  Call<CheckAndConsumeRequest, CheckAndConsumeResponse, Decision> one(
      CheckRequest request, DenyCache.Asked asked) {
    OnUnreachable policy = onUnreachable(request);
    CheckAndConsumeRequest message = calls.keyed(request.message());
    return new Call<>(
        RateLimiterGrpc.getCheckAndConsumeMethod(),
        message,
        calls.repeatable(message),
        deadline(request),
        response -> {
          asked.answered(response);
          return heard(Wire.valid(response, policy));
        },
        cause -> heard(policy.decision(cause)));
  }

  /** Gives back what a receipt stands for. */
  Call<?, ?, Boolean> refund(Receipt receipt) {
    return emptying(Call.refund(receipt, deadline));
  }

  Call<?, ?, Integer> reset(String domain, Map<String, String> attributes, List<String> rules) {
    return emptying(Call.reset(domain, attributes, rules, deadline));
  }

  /** What an upstream says may be more than it said before, so it too may end a denial. */
  Call<?, ?, Integer> observe(CheckRequest request, Observation observation, List<String> rules) {
    return emptying(Call.observe(request, observation, rules, deadline(request)));
  }

  Call<?, ?, Holds.Settlement> settle(Receipt receipt, long cost, Map<String, Long> unitCosts) {
    return emptying(Call.settle(receipt, cost, unitCosts, deadline));
  }

  Call<?, ?, Holds.End> release(Receipt receipt) {
    return emptying(Call.release(receipt, deadline));
  }

  /** Ends no denial: nobody has more room for it. */
  Call<?, ?, Holds.Extension> extend(
      Receipt receipt, Duration hold, long moreCost, Map<String, Long> moreUnitCosts) {
    return Call.extend(receipt, hold, moreCost, moreUnitCosts, deadline);
  }

  /** Without an answer it is not known whether it was done. */
  private <Q extends MessageLite, R, T> Call<Q, R, T> emptying(Call<Q, R, T> call) {
    return new Call<>(
        call.method(),
        call.question(),
        call.repeatable(),
        call.deadline(),
        response -> {
          denials.empty();
          return call.read().apply(response);
        },
        cause -> {
          denials.empty();
          return call.unreachable().apply(cause);
        });
  }

  Call<CheckAndConsumeBatchRequest, CheckAndConsumeBatchResponse, List<Decision>> all(
      List<CheckRequest> requests) {
    List<CheckRequest> asked = List.copyOf(requests);
    List<CheckAndConsumeRequest> questions = keyed(asked);
    return new Call<>(
        RateLimiterGrpc.getCheckAndConsumeBatchMethod(),
        CheckAndConsumeBatchRequest.newBuilder().addAllRequests(questions).build(),
        questions.stream().allMatch(calls::repeatable),
        shortest(asked),
        response -> decisions(asked, response),
        cause ->
            asked.stream().map(request -> heard(onUnreachable(request).decision(cause))).toList());
  }

  Call<CheckAnyRequest, CheckAnyResponse, LimiterClient.Choice> any(List<CheckRequest> requests) {
    List<CheckRequest> asked = List.copyOf(requests);
    if (asked.isEmpty()) {
      throw new InvalidRequestException("alternatives", "there is none; pass 1 to 16");
    }
    List<CheckAndConsumeRequest> questions = keyed(asked);
    OnUnreachable policy = onUnreachable(asked.get(0));
    return new Call<>(
        RateLimiterGrpc.getCheckAnyMethod(),
        CheckAnyRequest.newBuilder().addAllAlternatives(questions).build(),
        questions.stream().allMatch(calls::repeatable),
        shortest(asked),
        response -> choice(response, asked.size(), policy),
        cause -> {
          Decision decision = heard(policy.decision(cause));
          return new LimiterClient.Choice(
              decision.allowed() ? OptionalInt.of(0) : OptionalInt.empty(), decision, List.of());
        });
  }

  private List<CheckAndConsumeRequest> keyed(List<CheckRequest> asked) {
    return asked.stream().map(request -> calls.keyed(request.message())).toList();
  }

  private Duration shortest(List<CheckRequest> asked) {
    return asked.stream().map(this::deadline).min(Duration::compareTo).orElse(deadline);
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
      decisions.add(heard(Wire.decision(response.getResponses(i), policy)));
    }
    return List.copyOf(decisions);
  }

  /** One question, so one decision is heard: what those before the chosen one said is detail. */
  private LimiterClient.Choice choice(
      CheckAnyResponse response, int alternatives, OnUnreachable policy) {
    int chosen = response.getChosen();
    if (chosen >= alternatives || (chosen >= 0) != response.getResponse().getAllowed()) {
      throw new UnreachableException(
          Status.Code.INTERNAL,
          "alternative %s of %s was chosen, and allowed is %s"
              .formatted(chosen, alternatives, response.getResponse().getAllowed()));
    }
    return new LimiterClient.Choice(
        chosen < 0 ? OptionalInt.empty() : OptionalInt.of(chosen),
        heard(Wire.valid(response.getResponse(), policy)),
        response.getDeniedList().stream().map(one -> Wire.decision(one, policy)).toList());
  }
}
