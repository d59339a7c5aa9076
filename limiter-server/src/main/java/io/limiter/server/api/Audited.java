package io.limiter.server.api;

import com.google.rpc.Code;
import com.google.rpc.Status;
import io.limiter.server.access.Asker;
import io.limiter.server.audit.Audit;
import io.limiter.server.audit.AuditEvent;
import io.limiter.server.decide.Limiter;
import io.limiter.server.decide.Selection;
import io.limiter.v1.ObserveRequest;
import io.limiter.v1.ObserveResponse;
import io.limiter.v1.RefundRequest;
import io.limiter.v1.RefundResponse;
import io.limiter.v1.ResetRequest;
import io.limiter.v1.ResetResponse;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.ToLongFunction;

/**
 * Has written down what became of calls that change counters. Whoever was refused is written down
 * by whom refuses. An attribute's value is shown only where the keys of counters show it too; else
 * by the hash that such keys have.
 */
final class Audited {
  private static final Set<Integer> TOLD_ALREADY =
      Set.of(Code.UNAUTHENTICATED_VALUE, Code.PERMISSION_DENIED_VALUE);

  private final Audit audit;
  private final Limiter limiter;

  Audited(Audit audit, Limiter limiter) {
    this.audit = audit;
    this.limiter = limiter;
  }

  ResponseCallback<ResetResponse> reset(
      Asker who, ResetRequest wire, ResponseCallback<ResetResponse> to) {
    return told(
        to,
        ResetResponse::getCountersReset,
        (outcome, count) ->
            tell(
                AuditEvent.What.RESET,
                who,
                new Selection(wire.getDomain(), wire.getAttributesMap(), wire.getRulesList()),
                outcome,
                count));
  }

  ResponseCallback<ObserveResponse> observe(
      Asker who, ObserveRequest wire, ResponseCallback<ObserveResponse> to) {
    return told(
        to,
        ObserveResponse::getCountersClamped,
        (outcome, count) ->
            tell(
                AuditEvent.What.OBSERVE,
                who,
                new Selection(wire.getDomain(), wire.getAttributesMap(), wire.getRulesList()),
                outcome,
                count));
  }

  /** A receipt is worth something to who reads it: it is not written down. */
  ResponseCallback<RefundResponse> refund(
      Asker who, RefundRequest wire, ResponseCallback<RefundResponse> to) {
    return told(
        to,
        response -> response.getRefunded() ? 1 : 0,
        (outcome, count) ->
            audit.tell(
                AuditEvent.of(
                    AuditEvent.What.REFUND, who, "", Map.of(), List.of(), outcome, count)));
  }

  private void tell(
      AuditEvent.What what, Asker who, Selection selection, String outcome, long count) {
    audit.tell(
        AuditEvent.of(
            what,
            who,
            selection.domain(),
            limiter.readable(selection),
            selection.rules(),
            outcome,
            count));
  }

  private <A> ResponseCallback<A> told(
      ResponseCallback<A> to, ToLongFunction<A> count, BiConsumer<String, Long> tell) {
    if (audit == Audit.NONE) {
      return to;
    }
    return new ResponseCallback<>() {
      @Override
      public void onResponse(A response) {
        tell.accept("ok", count.applyAsLong(response));
        to.onResponse(response);
      }

      @Override
      public void onFailure(Status status) {
        if (!TOLD_ALREADY.contains(status.getCode())) {
          Code code = Code.forNumber(status.getCode());
          String outcome = code == null ? "unknown" : code.name().toLowerCase(Locale.ROOT);
          tell.accept(outcome, AuditEvent.NO_COUNT);
        }
        to.onFailure(status);
      }

      @Override
      public int caller() {
        return to.caller();
      }

      @Override
      public boolean isGone() {
        return to.isGone();
      }
    };
  }
}
