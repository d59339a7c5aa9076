package io.limiter.server.api;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import io.limiter.algorithm.Outcome;
import io.limiter.ledger.Ending;
import io.limiter.ledger.Role;
import io.limiter.server.access.Asker;
import io.limiter.server.decide.AnyVerdict;
import io.limiter.server.decide.HoldReceipt;
import io.limiter.server.decide.HoldVerdict;
import io.limiter.server.decide.Verdict;
import io.limiter.server.key.Receipt;
import io.limiter.server.rules.Rule;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.CheckAnyRequest;
import io.limiter.v1.CheckAnyResponse;
import io.limiter.v1.DecisionError;
import io.limiter.v1.DenialKind;
import io.limiter.v1.ExtendResponse;
import io.limiter.v1.Hint;
import io.limiter.v1.HoldEnd;
import io.limiter.v1.ReleaseResponse;
import io.limiter.v1.RuleStatus;
import io.limiter.v1.SettleResponse;
import io.limiter.v1.Source;

/** Translates verdicts to {@code limiter.v1}. */
final class ResponseWriter {
  private ResponseWriter() {}

  /**
   * What is told of a question.
   *
   * @param who asked it
   */
  static CheckAndConsumeResponse response(Asker who, String requestId, Verdict verdict) {
    CheckAndConsumeResponse.Builder response =
        CheckAndConsumeResponse.newBuilder()
            .setRequestId(requestId)
            .setAllowed(verdict.allowed())
            .setSource(source(verdict.source()));
    verdict.retryAfterMicros().ifPresent(micros -> response.setRetryAfter(duration(micros)));
    if (verdict.delayMicros() > 0) {
      response.setDelay(duration(verdict.delayMicros()));
    }
    Receipt receipt = verdict.receipt();
    HoldReceipt holds = verdict.holds();
    if (holds != null) {
      response.setReceipt(ByteString.copyFrom(who.sealed(holds.toBytes())));
    } else if (receipt != null) {
      response.setReceipt(ByteString.copyFrom(who.sealed(receipt.toBytes())));
    }
    if (verdict.degrades()) {
      response.setHint(Hint.DEGRADE);
    }
    verdict.kind().map(ResponseWriter::kind).ifPresent(response::setKind);
    for (Verdict.Status status : verdict.statuses()) {
      response.addStatuses(status(status));
    }
    return response.build();
  }

  static CheckAnyResponse response(Asker who, CheckAnyRequest asked, AnyVerdict verdict) {
    CheckAnyResponse.Builder response =
        CheckAnyResponse.newBuilder()
            .setChosen(verdict.chosen())
            .setResponse(response(who, asked, verdict, verdict.nearest()));
    for (int i = 0; i < verdict.told().size(); i++) {
      if (!verdict.told().get(i).allowed()) {
        response.addDenied(response(who, asked, verdict, verdict.from() + i));
      }
    }
    return response.build();
  }

  private static CheckAndConsumeResponse response(
      Asker who, CheckAnyRequest asked, AnyVerdict verdict, int place) {
    return response(who, asked.getAlternatives(place).getRequestId(), verdict.at(place));
  }

  /** The response to an entry of a batch or a stream that got no verdict. */
  static CheckAndConsumeResponse response(String requestId, com.google.rpc.Status error) {
    return CheckAndConsumeResponse.newBuilder()
        .setRequestId(requestId)
        .setError(
            DecisionError.newBuilder().setCode(error.getCode()).setMessage(error.getMessage()))
        .build();
  }

  static RuleStatus status(Verdict.Status status) {
    Rule rule = status.rule();
    Outcome outcome = status.outcome();
    RuleStatus.Builder wire =
        RuleStatus.newBuilder()
            .setRule(rule.name())
            .setAlgorithm(Algorithms.wire(rule.limit().algorithm()))
            .setAllowed(outcome.admits())
            .setLimit(status.limit())
            .setRemaining(status.remaining())
            .setNever(outcome instanceof Outcome.Never)
            .setShadow(!status.enforced())
            .setCandidate(status.role() == Role.CANDIDATE)
            .setUnit(rule.unit())
            .setHeld(status.heldUnits())
            .setOwed(status.owedUnits())
            .setSoftBasisPoints(status.level().soft())
            .setSoftCrossed(status.level().crossed())
            .setGuessed(status.guessedUnits())
            .setEstimated(status.estimatedUnits());
    if (status.resets()) {
      wire.setResetAfter(duration(outcome.resetAfterMicros()))
          .setWindow(duration(status.windowMicros()));
    }
    status.retryAfterMicros().ifPresent(micros -> wire.setRetryAfter(duration(micros)));
    return wire.build();
  }

  private static DenialKind kind(io.limiter.server.rules.DenialKind kind) {
    return switch (kind) {
      case RATE -> DenialKind.RATE;
      case QUOTA -> DenialKind.QUOTA;
      case CONCURRENCY -> DenialKind.CONCURRENCY;
      case NEVER -> DenialKind.COST_NEVER_FITS;
    };
  }

  static SettleResponse settled(HoldVerdict verdict) {
    SettleResponse.Builder response = SettleResponse.newBuilder().setEnd(end(verdict.state()));
    verdict.statuses().forEach(status -> response.addStatuses(status(status)));
    return response.build();
  }

  static ReleaseResponse released(HoldVerdict verdict) {
    return ReleaseResponse.newBuilder().setEnd(end(verdict.state())).build();
  }

  static ExtendResponse extended(HoldVerdict verdict) {
    ExtendResponse.Builder response =
        ExtendResponse.newBuilder().setExtended(verdict.extended()).setEnd(end(verdict.state()));
    verdict.statuses().forEach(status -> response.addStatuses(status(status)));
    return response.build();
  }

  private static HoldEnd end(Ending.State state) {
    return switch (state) {
      case ENDED -> HoldEnd.ENDED;
      case ENDED_BEFORE -> HoldEnd.ENDED_BEFORE;
      case EXPIRED -> HoldEnd.EXPIRED;
      case UNKNOWN -> HoldEnd.UNKNOWN_HOLD;
    };
  }

  private static Source source(io.limiter.server.store.Source source) {
    return switch (source) {
      case REDIS -> Source.REDIS;
      case DENY_CACHE -> Source.DENY_CACHE;
      case LEASE -> Source.LEASE;
      case LOCAL_FALLBACK -> Source.LOCAL_FALLBACK;
      case FAIL_OPEN -> Source.FAIL_OPEN;
      case FAIL_CLOSED -> Source.FAIL_CLOSED;
      case NO_RULE -> Source.NO_RULE;
      case UNKNOWN_DOMAIN -> Source.UNKNOWN_DOMAIN;
    };
  }

  private static Duration duration(long micros) {
    return Duration.newBuilder()
        .setSeconds(micros / 1_000_000)
        .setNanos((int) (micros % 1_000_000) * 1_000)
        .build();
  }
}
