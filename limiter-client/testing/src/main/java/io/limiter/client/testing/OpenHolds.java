package io.limiter.client.testing;

import com.google.protobuf.ByteString;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.ExtendRequest;
import io.limiter.v1.ExtendResponse;
import io.limiter.v1.HoldEnd;
import io.limiter.v1.SettleRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What questions hold, in a simple form: limits count requests only, and no hold is forgotten. */
final class OpenHolds {
  private final List<Counted> limits;
  private final Map<ByteString, Hold> open = new HashMap<>();

  /** How those stand that have ended. */
  private final Map<ByteString, Ended> ended = new HashMap<>();

  private final List<Settled> settled = new ArrayList<>();
  private int released;
  private int renewed;

  record Hold(Map<String, String> attributes, long cost, Duration taken, Duration expires) {}

  private record Ended(HoldEnd how, Hold hold) {}

  /**
   * Of some limits.
   *
   * @param limits those of the fake, as they come to be
   */
  OpenHolds(List<Counted> limits) {
    this.limits = limits;
  }

  /** For how long a question holds; empty if it does not, as it only looks. */
  Optional<Duration> lasts(CheckAndConsumeRequest request) {
    if (request.hasCost() && request.getCost() == 0 && request.getUnitCostsCount() == 0) {
      return Optional.empty();
    }
    return Stream.concat(
            Stream.of(request)
                .filter(CheckAndConsumeRequest::hasHold)
                .map(one -> Learned.duration(one.getHold())),
            limits.stream()
                .filter(limit -> limit.appliesTo(request.getAttributesMap()))
                .filter(AtOnce.class::isInstance)
                .map(limit -> ((AtOnce) limit).hold()))
        .min(Duration::compareTo);
  }

  void take(ByteString receipt, CheckAndConsumeRequest request, Duration lasts, Duration now) {
    long cost = request.hasCost() ? request.getCost() : 1;
    open.put(receipt, new Hold(request.getAttributesMap(), cost, now, now.plus(lasts)));
  }

  List<Hold> open() {
    return List.copyOf(open.values());
  }

  /** Ends by themselves those whose time is over. */
  void expire(Duration now) {
    List.copyOf(open.entrySet()).stream()
        .filter(one -> one.getValue().expires.compareTo(now) <= 0)
        .forEach(one -> end(one.getKey(), HoldEnd.EXPIRED, 0, now));
  }

  private HoldEnd end(ByteString receipt, HoldEnd how, long used, Duration now) {
    Hold hold = open.remove(receipt);
    if (hold != null) {
      ended.put(receipt, new Ended(how, hold));
      correct(hold, used - hold.cost, now);
      return HoldEnd.ENDED;
    }
    Ended before = ended.get(receipt);
    if (before == null) {
      return HoldEnd.UNKNOWN_HOLD;
    }
    ended.put(receipt, new Ended(HoldEnd.ENDED_BEFORE, before.hold));
    if (before.how != HoldEnd.EXPIRED) {
      return HoldEnd.ENDED_BEFORE;
    }
    correct(before.hold, used, now);
    return HoldEnd.EXPIRED;
  }

  private void correct(Hold hold, long more, Duration now) {
    limits.stream()
        .filter(limit -> limit.appliesTo(hold.attributes))
        .forEach(limit -> limit.correct(hold.attributes, hold.taken, now, more));
  }

  HoldEnd settle(SettleRequest request, Duration now) {
    long used = request.hasCost() ? request.getCost() : 1;
    HoldEnd end = end(request.getReceipt(), HoldEnd.ENDED_BEFORE, used, now);
    if (end == HoldEnd.ENDED || end == HoldEnd.EXPIRED) {
      settled.add(new Settled(used, request.getUnitCostsMap()));
    }
    return end;
  }

  HoldEnd release(ByteString receipt, Duration now) {
    HoldEnd end = end(receipt, HoldEnd.ENDED_BEFORE, 0, now);
    released += end == HoldEnd.ENDED ? 1 : 0;
    return end;
  }

  ExtendResponse extend(ExtendRequest request, Duration now) {
    Hold hold = open.get(request.getReceipt());
    if (hold == null) {
      Ended before = ended.get(request.getReceipt());
      return ExtendResponse.newBuilder()
          .setEnd(before == null ? HoldEnd.UNKNOWN_HOLD : before.how)
          .build();
    }
    ExtendResponse.Builder response = ExtendResponse.newBuilder().setEnd(HoldEnd.ENDED);
    CheckAndConsumeRequest more =
        CheckAndConsumeRequest.newBuilder()
            .putAllAttributes(hold.attributes)
            .setCost(request.getMoreCost())
            .build();
    List<Counted> asked =
        limits.stream()
            .filter(limit -> !(limit instanceof AtOnce) && limit.appliesTo(hold.attributes))
            .toList();
    boolean fits = asked.stream().allMatch(limit -> limit.ask(more, now, false).getAllowed());
    asked.forEach(limit -> response.addStatuses(limit.ask(more, now, fits)));
    if (fits) {
      renewed++;
      Duration until = now.plus(Learned.duration(request.getHold()));
      Duration expires = until.compareTo(hold.expires) > 0 ? until : hold.expires;
      open.put(
          request.getReceipt(),
          new Hold(hold.attributes, hold.cost + request.getMoreCost(), hold.taken, expires));
    }
    return response.setExtended(fits).build();
  }

  List<Settled> settled() {
    return List.copyOf(settled);
  }

  int released() {
    return released;
  }

  int renewed() {
    return renewed;
  }

  void reset() {
    open.clear();
    ended.clear();
    settled.clear();
    released = 0;
    renewed = 0;
  }
}
