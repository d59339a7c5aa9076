package io.limiter.server.api;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.limiter.server.access.Asker;
import io.limiter.server.access.Method;
import io.limiter.server.decide.HoldReceipt;
import io.limiter.server.decide.HoldRequest;
import io.limiter.server.decide.HoldVerdict;
import io.limiter.server.decide.Limiter;
import io.limiter.server.key.Receipt;
import io.limiter.v1.ExtendRequest;
import io.limiter.v1.ExtendResponse;
import io.limiter.v1.RefundRequest;
import io.limiter.v1.ReleaseRequest;
import io.limiter.v1.ReleaseResponse;
import io.limiter.v1.SettleRequest;
import io.limiter.v1.SettleResponse;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What questions hold, for whichever transport carries it. Every method checks its request, returns
 * at once and never throws. Safe to call from any thread.
 */
public final class HoldApi {
  private final Limiter limiter;
  private final RequestReader charges;
  private final HoldReader reader;

  HoldApi(Limiter limiter, RequestReader costs) {
    this.limiter = limiter;
    this.charges = costs;
    this.reader = new HoldReader(costs);
  }

  /** Gives back what a question charged and holds. Which counters it charged, Redis knows. */
  CompletionStage<Boolean> refund(Asker who, RefundRequest wire) {
    ByteString receipt = wire.getReceipt();
    if (!HoldReceipt.isMeant(receipt.toByteArray())) {
      Receipt charged = charges.receipt(who, wire);
      who.work(1);
      return limiter.refund(charged);
    }
    HoldRequest release = reader.release(who, receipt, RateLimiterApi.ANY_WAIT);
    who.work(Math.max(1, release.receipt().holds().size()));
    return limiter.refund(release);
  }

  /**
   * Ends what a question holds by what was really used.
   *
   * @param who asks
   * @param waitNanos how long an answer is of use to the caller, or {@link RateLimiterApi#ANY_WAIT}
   */
  public void settle(
      Asker who, SettleRequest wire, long waitNanos, ResponseCallback<SettleResponse> callback) {
    end(who, wire, () -> reader.settle(who, wire, waitNanos), ResponseWriter::settled, callback);
  }

  /** Ends what a question holds as if nothing had been used; likewise. */
  public void release(
      Asker who, ReleaseRequest wire, long waitNanos, ResponseCallback<ReleaseResponse> callback) {
    end(who, wire, () -> reader.release(who, wire, waitNanos), ResponseWriter::released, callback);
  }

  /** Renews what a question holds; likewise. */
  public void extend(
      Asker who, ExtendRequest wire, long waitNanos, ResponseCallback<ExtendResponse> callback) {
    end(who, wire, () -> reader.extend(who, wire, waitNanos), ResponseWriter::extended, callback);
  }

  private <A> void end(
      Asker who,
      MessageLite wire,
      Supplier<HoldRequest> read,
      Function<HoldVerdict, A> write,
      ResponseCallback<A> callback) {
    CompletionStage<HoldVerdict> ended;
    try {
      who.require(Method.SETTLE);
      OwnBounds.take(who, 1, wire);
      HoldRequest request = read.get();
      who.work(request.receipt().holds().size());
      ended = limiter.end(request);
    } catch (RuntimeException failure) {
      callback.onFailure(Failures.status(failure));
      return;
    }
    RateLimiterApi.tell(ended, write, callback);
  }
}
