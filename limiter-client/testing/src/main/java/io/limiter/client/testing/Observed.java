package io.limiter.client.testing;

import io.limiter.client.upstream.Observation;
import io.limiter.v1.ObserveRequest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the service was told of an upstream.
 *
 * @param rules the names of those that were meant; empty: every one that the attributes select
 */
public record Observed(
    String domain, Map<String, String> attributes, List<String> rules, Observation observation) {

  public Observed {
    attributes = Map.copyOf(attributes);
    rules = List.copyOf(rules);
  }

  static Observed of(ObserveRequest request) {
    return new Observed(
        request.getDomain(),
        request.getAttributesMap(),
        request.getRulesList(),
        new Observation(
            request.getUnit(),
            request.hasLimit() ? OptionalLong.of(request.getLimit()) : OptionalLong.empty(),
            request.hasRemaining() ? OptionalLong.of(request.getRemaining()) : OptionalLong.empty(),
            request.hasResetAfter() ? duration(request.getResetAfter()) : Optional.empty(),
            request.hasBlockedFor() ? duration(request.getBlockedFor()) : Optional.empty()));
  }

  private static Optional<Duration> duration(com.google.protobuf.Duration message) {
    return Optional.of(Learned.duration(message));
  }
}
