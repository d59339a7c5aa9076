package io.limiter.server.api;

import com.google.rpc.Status;
import io.limiter.server.access.Asker;
import io.limiter.server.access.Method;
import io.limiter.server.audit.Audit;
import io.limiter.server.decide.AnyVerdict;
import io.limiter.server.decide.ExplainQuestion;
import io.limiter.server.decide.Limiter;
import io.limiter.server.decide.Request;
import io.limiter.server.decide.Selection;
import io.limiter.server.decide.Verdict;
import io.limiter.server.store.Charge;
import io.limiter.server.store.Observation;
import io.limiter.v1.CheckAndConsumeBatchRequest;
import io.limiter.v1.CheckAndConsumeBatchResponse;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.CheckAnyRequest;
import io.limiter.v1.CheckAnyResponse;
import io.limiter.v1.ExplainRequest;
import io.limiter.v1.ExplainResponse;
import io.limiter.v1.ObserveRequest;
import io.limiter.v1.ObserveResponse;
import io.limiter.v1.RefundRequest;
import io.limiter.v1.RefundResponse;
import io.limiter.v1.ResetRequest;
import io.limiter.v1.ResetResponse;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * {@code limiter.v1.RateLimiter}, for whichever transport carries it. A transport reads a message,
 * calls the method of the same name, and writes the response or the status.
 *
 * <p>Every method checks its request, returns at once and never throws. Safe to call from any
 * thread. Outcomes arrive on the thread that completes them.
 */
public final class RateLimiterApi {
  /** Of a caller who did not say how long an answer is of use. */
  public static final long ANY_WAIT = Charge.ANY_WAIT;

  private final Limiter limiter;
  private final RequestLimits limits;
  private final RequestReader reader;
  private final HoldApi holds;
  private final UnderWay refunds = new UnderWay("refunds", 512);
  private final UnderWay observations = new UnderWay("observations", 512);
  private final UnderWay resets = new UnderWay("resets", 32);
  private final UnderWay explanations = new UnderWay("explanations", 8);
  private final Aside aside = new Aside("limiter-explain");

  private final Audited audited;

  /** Nothing is written down. */
  public RateLimiterApi(Limiter limiter, RequestLimits limits) {
    this(limiter, limits, Audit.NONE);
  }

  /** What changes counters is written down. */
  public RateLimiterApi(Limiter limiter, RequestLimits limits, Audit audit) {
    this.audited = new Audited(audit, limiter);
    this.limiter = limiter;
    this.limits = limits;
    this.reader = new RequestReader(limits);
    this.holds = new HoldApi(limiter, reader);
  }

  /** How large a request may be. A transport bounds its messages and its streams by these. */
  public RequestLimits limits() {
    return limits;
  }

  /**
   * Whether a question that this instance has no time for is refused; else it has to be read, since
   * its rules answer it.
   */
  public boolean refusesOverload() {
    return !limiter.answersOverload();
  }

  /**
   * Notes that a transport refused a question before it was read, with {@link Failures#UNREAD}.
   *
   * @param waitedNanos how long it had waited
   */
  public void refusedUnread(long waitedNanos) {
    limiter.refusedUnread(waitedNanos);
    Failures.logUnread();
  }

  /**
   * Decides one question.
   *
   * @param who asks
   * @param waitNanos how long an answer is of use to the caller, or {@link #ANY_WAIT}
   */
  public void check(
      Asker who,
      CheckAndConsumeRequest wire,
      long waitNanos,
      ResponseCallback<CheckAndConsumeResponse> callback) {
    CompletionStage<Verdict> decision;
    try {
      decision = limiter.decide(reader.question(who, wire, waitNanos));
    } catch (RuntimeException failure) {
      callback.onFailure(Failures.status(failure));
      return;
    }
    tell(decision, verdict -> ResponseWriter.response(who, wire.getRequestId(), verdict), callback);
  }

  static <V, A> void tell(
      CompletionStage<V> decision, Function<V, A> write, ResponseCallback<A> callback) {
    decision.whenComplete(
        (verdict, failure) -> {
          if (failure == null) {
            callback.onResponse(write.apply(verdict));
          } else {
            callback.onFailure(Failures.status(failure));
          }
        });
  }

  /**
   * Decides every entry on its own. They are asked in order and soon after each other, so that they
   * share what goes to the counters. An entry that fails carries its error; only a batch that is
   * too large fails as a whole.
   *
   * @param who asks
   * @param waitNanos how long an answer is of use to the caller, or {@link #ANY_WAIT}
   * @param later runs the rest of a long batch, after what others want of this thread
   */
  public void checkBatch(
      Asker who,
      CheckAndConsumeBatchRequest wire,
      long waitNanos,
      Executor later,
      ResponseCallback<CheckAndConsumeBatchResponse> callback) {
    List<CheckAndConsumeRequest> entries;
    try {
      entries = reader.entries(wire);
    } catch (RuntimeException failure) {
      callback.onFailure(Failures.status(failure));
      return;
    }
    new BatchCall(who, entries, waitNanos, later, this, callback).ask();
  }

  /**
   * Decides one question of a stream. Never fails: the response carries the error. Questions of a
   * stream must have a request_id, since their responses come in any order.
   */
  public void checkStreamed(
      Asker who, CheckAndConsumeRequest wire, Consumer<CheckAndConsumeResponse> response) {
    Request request;
    try {
      request = reader.streamQuestion(who, wire);
    } catch (RuntimeException failure) {
      response.accept(errorResponse(wire, Failures.status(failure)));
      return;
    }
    decideEntry(who, wire, request, response);
  }

  /** Decides one entry of a batch. Never fails: the response carries the error. */
  void checkEntry(
      Asker who,
      CheckAndConsumeRequest wire,
      long waitNanos,
      Consumer<CheckAndConsumeResponse> response) {
    Request request;
    try {
      request = reader.question(who, wire, waitNanos);
    } catch (RuntimeException failure) {
      response.accept(errorResponse(wire, Failures.status(failure)));
      return;
    }
    decideEntry(who, wire, request, response);
  }

  private void decideEntry(
      Asker who,
      CheckAndConsumeRequest wire,
      Request request,
      Consumer<CheckAndConsumeResponse> response) {
    limiter
        .decide(request)
        .whenComplete(
            (verdict, failure) ->
                response.accept(
                    failure == null
                        ? ResponseWriter.response(who, wire.getRequestId(), verdict)
                        : errorResponse(wire, Failures.status(failure))));
  }

  /** The response to a streamed question that got no verdict. */
  public static CheckAndConsumeResponse errorResponse(CheckAndConsumeRequest wire, Status error) {
    return ResponseWriter.response(wire.getRequestId(), error);
  }

  /**
   * Charges the first of several questions that is admitted.
   *
   * @param who asks
   * @param waitNanos how long an answer is of use to the caller, or {@link #ANY_WAIT}
   */
  public void checkAny(
      Asker who,
      CheckAnyRequest wire,
      long waitNanos,
      ResponseCallback<CheckAnyResponse> callback) {
    CompletionStage<AnyVerdict> decision;
    try {
      decision = limiter.decideAny(reader.alternatives(who, wire, waitNanos));
    } catch (RuntimeException failure) {
      callback.onFailure(Failures.status(failure));
      return;
    }
    tell(decision, verdict -> ResponseWriter.response(who, wire, verdict), callback);
  }

  /** Gives back what an admitted question charged or holds, at most once. */
  public void refund(Asker who, RefundRequest wire, ResponseCallback<RefundResponse> callback) {
    refunds.complete(
        () -> {
          who.require(Method.REFUND);
          OwnBounds.take(who, 1, wire);
          return holds
              .refund(who, wire)
              .thenApply(done -> RefundResponse.newBuilder().setRefunded(done).build());
        },
        audited.refund(who, wire, callback));
  }

  /** What questions hold. */
  public HoldApi holds() {
    return holds;
  }

  /** Deletes the counters that the request selects. */
  public void reset(Asker who, ResetRequest wire, ResponseCallback<ResetResponse> callback) {
    resets.complete(
        () -> {
          who.require(Method.RESET, wire.getDomain());
          OwnBounds.take(who, 1, wire);
          reader.check(wire);
          return limiter
              .reset(selection(who, wire.getDomain(), wire.getAttributesMap(), wire.getRulesList()))
              .thenApply(count -> ResetResponse.newBuilder().setCountersReset(count).build());
        },
        audited.reset(who, wire, callback));
  }

  private static Selection selection(
      Asker who, String domain, Map<String, String> attributes, List<String> rules) {
    return new Selection(domain, attributes, rules, OwnBounds.work(who));
  }

  /** Takes in what an upstream said of its own limit. */
  public void observe(Asker who, ObserveRequest wire, ResponseCallback<ObserveResponse> callback) {
    observations.complete(
        () -> {
          who.require(Method.OBSERVE, wire.getDomain());
          OwnBounds.take(who, 1, wire);
          Observation said = reader.observation(wire);
          return limiter
              .observe(
                  selection(who, wire.getDomain(), wire.getAttributesMap(), wire.getRulesList()),
                  wire.getUnit(),
                  said)
              .thenApply(count -> ObserveResponse.newBuilder().setCountersClamped(count).build());
        },
        audited.observe(who, wire, callback));
  }

  /**
   * Says which rules apply and why. Runs aside: it looks at every rule, which may take longer than
   * an event loop has.
   */
  public void explain(Asker who, ExplainRequest wire, ResponseCallback<ExplainResponse> callback) {
    explanations.complete(
        () -> {
          who.require(Method.EXPLAIN, wire.getDomain());
          OwnBounds.take(who, 1, wire);
          ExplainQuestion question = reader.explainQuestion(who, wire);
          return CompletableFuture.supplyAsync(() -> limiter.explain(question), aside)
              .thenCompose(explained -> explained)
              .thenApplyAsync(ExplainWriter::response, aside);
        },
        callback);
  }
}
