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
 */
public record Asked(
    String domain,
    Map<String, String> attributes,
    long cost,
    Map<String, Long> unitCosts,
    Optional<String> idempotencyKey) {

  static Asked of(CheckAndConsumeRequest request) {
    return new Asked(
        request.getDomain(),
        Map.copyOf(request.getAttributesMap()),
        request.hasCost() ? request.getCost() : 1,
        Map.copyOf(request.getUnitCostsMap()),
        Optional.of(request.getIdempotencyKey()).filter(key -> !key.isEmpty()));
  }
}
