package io.limiter.client.testing;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.limiter.v1.CheckAndConsumeBatchRequest;
import io.limiter.v1.CheckAndConsumeBatchResponse;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.CheckAnyRequest;
import io.limiter.v1.CheckAnyResponse;
import io.limiter.v1.DecisionError;
import io.limiter.v1.DenialKind;
import io.limiter.v1.ExtendRequest;
import io.limiter.v1.ExtendResponse;
import io.limiter.v1.HoldEnd;
import io.limiter.v1.ObserveRequest;
import io.limiter.v1.ObserveResponse;
import io.limiter.v1.RateLimiterGrpc;
import io.limiter.v1.RefundRequest;
import io.limiter.v1.RefundResponse;
import io.limiter.v1.ReleaseRequest;
import io.limiter.v1.ReleaseResponse;
import io.limiter.v1.RuleStatus;
import io.limiter.v1.SettleRequest;
import io.limiter.v1.SettleResponse;
import io.limiter.v1.Source;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.function.BiFunction;

/** The service's end of the wire. */
final class FakeService extends RateLimiterGrpc.RateLimiterImplBase {
  /** Never comes last. */
  private static final Comparator<CheckAndConsumeResponse> SOONEST =
      Comparator.comparing((CheckAndConsumeResponse one) -> !one.hasRetryAfter())
          .thenComparing(one -> Learned.duration(one.getRetryAfter()));

  @GuardedBy("this")
  private final Queue<Scripted> script = new ArrayDeque<>();

  @GuardedBy("this")
  private final List<Counted> counters = new ArrayList<>();

  @GuardedBy("this")
  private final OpenHolds holds = new OpenHolds(counters);

  @GuardedBy("this")
  private final List<Asked> asked = new ArrayList<>();

  @GuardedBy("this")
  private final List<Observed> observed = new ArrayList<>();

  /** Receipts that were given and not given back. */
  @GuardedBy("this")
  private final Set<ByteString> receipts = new HashSet<>();

  @GuardedBy("this")
  private int refunded;

  @GuardedBy("this")
  private Duration now = Duration.ZERO;

  synchronized void script(Scripted answer) {
    script.add(answer);
  }

  synchronized void limit(Counter counter) {
    counters.add(counter);
  }

  synchronized void concurrency(String rule, long limit, Duration hold, List<String> attributes) {
    counters.add(new AtOnce(rule, limit, hold, attributes, holds));
  }

  synchronized void advance(Duration time) {
    if (time.isNegative()) {
      throw new IllegalArgumentException(
          "time %s is negative; time does not run backwards".formatted(time));
    }
    now = now.plus(time);
    holds.expire(now);
  }

  synchronized void reset() {
    script.clear();
    counters.clear();
    asked.clear();
    observed.clear();
    receipts.clear();
    holds.reset();
    refunded = 0;
    now = Duration.ZERO;
  }

  synchronized List<Asked> asked() {
    return List.copyOf(asked);
  }

  synchronized List<Observed> observed() {
    return List.copyOf(observed);
  }

  synchronized int refunded() {
    return refunded;
  }

  private synchronized Scripted answer(CheckAndConsumeRequest request) {
    asked.add(Asked.of(request));
    Scripted answer = script.poll();
    if (answer == null) {
      answer = new Scripted(decided(request), Status.OK);
    }
    if (!answer.failure().isOk()) {
      return answer;
    }
    CheckAndConsumeResponse response =
        Scripted.to(
            answer.response(),
            request.getRequestId(),
            request.getWantReceipt() || holds.lasts(request).isPresent(),
            asked.size());
    if (!response.getReceipt().isEmpty()) {
      holds.lasts(request).ifPresent(time -> holds.take(response.getReceipt(), request, time, now));
      receipts.add(response.getReceipt());
    }
    return new Scripted(response, Status.OK);
  }

  @GuardedBy("this")
  private CheckAndConsumeResponse decided(CheckAndConsumeRequest request) {
    List<Counted> applying =
        counters.stream().filter(counter -> counter.appliesTo(request.getAttributesMap())).toList();
    Duration time = now;
    boolean admitted =
        applying.stream().allMatch(counter -> counter.ask(request, time, false).getAllowed());
    CheckAndConsumeResponse.Builder response =
        CheckAndConsumeResponse.newBuilder()
            .setAllowed(admitted)
            .setSource(applying.isEmpty() ? Source.NO_RULE : Source.REDIS);
    boolean never = false;
    Duration wait = Duration.ZERO;
    DenialKind kind = DenialKind.DENIAL_KIND_UNSPECIFIED;
    for (Counted counter : applying) {
      RuleStatus status = counter.ask(request, time, admitted);
      response.addStatuses(status);
      never |= status.getNever();
      Duration its =
          Duration.ofSeconds(
              status.getRetryAfter().getSeconds(), status.getRetryAfter().getNanos());
      if (its.compareTo(wait) > 0) {
        wait = its;
        kind = counter.kind();
      }
    }
    if (!admitted && never) {
      response.setKind(DenialKind.COST_NEVER_FITS);
    } else if (!admitted) {
      response.setRetryAfter(Counter.message(wait)).setKind(kind);
    }
    return response.build();
  }

  @Override
  public void checkAndConsume(
      CheckAndConsumeRequest request, StreamObserver<CheckAndConsumeResponse> replies) {
    Scripted answer = answer(request);
    if (answer.failure().isOk()) {
      end(answer.response(), replies);
    } else {
      replies.onError(answer.failure().asRuntimeException());
    }
  }

  @Override
  public void checkAndConsumeBatch(
      CheckAndConsumeBatchRequest batch, StreamObserver<CheckAndConsumeBatchResponse> replies) {
    CheckAndConsumeBatchResponse.Builder responses = CheckAndConsumeBatchResponse.newBuilder();
    batch.getRequestsList().forEach(request -> responses.addResponses(entry(answer(request))));
    end(responses.build(), replies);
  }

  @Override
  public void checkAny(CheckAnyRequest request, StreamObserver<CheckAnyResponse> replies) {
    CheckAnyResponse.Builder response = CheckAnyResponse.newBuilder().setChosen(-1);
    for (int place = 0; place < request.getAlternativesCount(); place++) {
      Scripted answer = answer(request.getAlternatives(place));
      if (!answer.failure().isOk()) {
        replies.onError(answer.failure().asRuntimeException());
        return;
      }
      if (answer.response().getAllowed()) {
        end(response.setChosen(place).setResponse(answer.response()).build(), replies);
        return;
      }
      response.addDenied(answer.response());
    }
    response.getDeniedList().stream().min(SOONEST).ifPresent(response::setResponse);
    end(response.build(), replies);
  }

  @Override
  public void observe(ObserveRequest request, StreamObserver<ObserveResponse> replies) {
    end(ObserveResponse.newBuilder().setCountersClamped(clamped(request)).build(), replies);
  }

  private synchronized int clamped(ObserveRequest request) {
    observed.add(Observed.of(request));
    List<Counted> meant =
        counters.stream()
            .filter(counter -> request.getUnit().isEmpty())
            .filter(counter -> counter.appliesTo(request.getAttributesMap()))
            .filter(
                counter ->
                    request.getRulesCount() == 0 || request.getRulesList().contains(counter.rule()))
            .toList();
    Duration time = now;
    meant.forEach(counter -> counter.observe(request, time));
    return meant.size();
  }

  @Override
  public StreamObserver<CheckAndConsumeRequest> checkAndConsumeStream(
      StreamObserver<CheckAndConsumeResponse> replies) {
    return new StreamObserver<>() {
      @Override
      public void onNext(CheckAndConsumeRequest request) {
        Scripted answer = answer(request);
        replies.onNext(entry(answer).toBuilder().setRequestId(request.getRequestId()).build());
      }

      @Override
      public void onError(Throwable gone) {}

      @Override
      public void onCompleted() {
        replies.onCompleted();
      }
    };
  }

  /** A failure that is not the call's. */
  private static CheckAndConsumeResponse entry(Scripted answer) {
    return answer.failure().isOk()
        ? answer.response()
        : CheckAndConsumeResponse.newBuilder()
            .setError(
                DecisionError.newBuilder()
                    .setCode(answer.failure().getCode().value())
                    .setMessage(String.valueOf(answer.failure().getDescription())))
            .build();
  }

  @Override
  public void refund(RefundRequest request, StreamObserver<RefundResponse> replies) {
    end(RefundResponse.newBuilder().setRefunded(refunds(request.getReceipt())).build(), replies);
  }

  private synchronized boolean refunds(ByteString receipt) {
    boolean first = receipts.remove(receipt);
    holds.release(receipt, now);
    refunded += first ? 1 : 0;
    return first;
  }

  @Override
  public void settle(SettleRequest request, StreamObserver<SettleResponse> replies) {
    HoldEnd end = ofHolds((holds, time) -> holds.settle(request, time));
    end(SettleResponse.newBuilder().setEnd(end).build(), replies);
  }

  @Override
  public void release(ReleaseRequest request, StreamObserver<ReleaseResponse> replies) {
    HoldEnd end = ofHolds((holds, time) -> holds.release(request.getReceipt(), time));
    end(ReleaseResponse.newBuilder().setEnd(end).build(), replies);
  }

  @Override
  public void extend(ExtendRequest request, StreamObserver<ExtendResponse> replies) {
    end(ofHolds((holds, time) -> holds.extend(request, time)), replies);
  }

  synchronized <T> T ofHolds(BiFunction<OpenHolds, Duration, T> question) {
    return question.apply(holds, now);
  }

  private static <T> void end(T response, StreamObserver<T> replies) {
    replies.onNext(response);
    replies.onCompleted();
  }
}
