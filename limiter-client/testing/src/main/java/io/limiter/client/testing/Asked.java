package io.limiter.client.testing;

import io.limiter.v1.CheckAndConsumeRequest;
import java.util.Map;
import java.util.Optional;

/**
 * A question that the service was asked.
 *
 * @param cost what it asked to charge to rules that count requests
 * @param unitCosts what it asked to charge of other units
 * @param idempotencyKey under which it may be asked again
 * @param priority how important it said it is
 */
public record Asked(
    String domain,
    Map<String, String> attributes,
    long cost,
    Map<String, Long> unitCosts,
    Optional<String> idempotencyKey,
    Optional<String> priority) {

  /** One without a priority. */
  public Asked(
      String domain,
      Map<String, String> attributes,
      long cost,
      Map<String, Long> unitCosts,
      Optional<String> idempotencyKey) {
    this(domain, attributes, cost, unitCosts, idempotencyKey, Optional.empty());
  }

  static Asked of(CheckAndConsumeRequest request) {
    return new Asked(
        request.getDomain(),
        Map.copyOf(request.getAttributesMap()),
        request.hasCost() ? request.getCost() : 1,
        Map.copyOf(request.getUnitCostsMap()),
        Optional.of(request.getIdempotencyKey()).filter(key -> !key.isEmpty()),
        Optional.of(request.getPriority()).filter(priority -> !priority.isEmpty()));
  }
}
