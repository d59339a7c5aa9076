package io.limiter.server.envoy;

import io.limiter.algorithm.Bounds;
import io.limiter.envoy.descriptor.RateLimitDescriptor;
import io.limiter.envoy.descriptor.RateLimitDescriptor.RateLimitOverride;
import io.limiter.envoy.service.RateLimitRequest;
import io.limiter.server.api.InvalidRequestException;
import io.limiter.server.api.RequestLimits;
import io.limiter.server.api.Violations;
import io.limiter.server.decide.DescriptorRequest;
import io.limiter.server.rules.Descriptor;
import io.limiter.server.rules.RatePeriod;
import io.limiter.server.rules.RateUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Checks Envoy's requests and translates them. Throws an {@link InvalidRequestException} that lists
 * all violations at once. Safe to call from any thread.
 */
final class EnvoyRequestReader {
  static final int MAX_DESCRIPTORS = 100;
  static final int MAX_VALUE_BYTES = 4096;

  private EnvoyRequestReader() {}

  static DescriptorRequest read(RateLimitRequest wire, EnvoySettings settings) {
    Violations violations = new Violations();
    violations.checkBytes("domain", wire.getDomain(), 1, RequestLimits.MAX_DOMAIN_BYTES);
    if (wire.getDescriptorsCount() == 0) {
      violations.add("descriptors", "is empty; describe the request by at least one");
    }
    violations.checkSize("descriptors", wire.getDescriptorsCount(), MAX_DESCRIPTORS);
    violations.throwIfAny();
    long hits = Math.max(1, Integer.toUnsignedLong(wire.getHitsAddend()));
    List<DescriptorRequest.DescriptorHits> descriptors =
        new ArrayList<>(wire.getDescriptorsCount());
    for (int i = 0; i < wire.getDescriptorsCount(); i++) {
      descriptors.add(
          descriptor("descriptors[" + i + "]", wire.getDescriptors(i), hits, violations));
    }
    violations.throwIfAny();
    return new DescriptorRequest(
        wire.getDomain(), descriptors, settings.leniency(), settings.chargeOnDeny());
  }

  private static DescriptorRequest.DescriptorHits descriptor(
      String field, RateLimitDescriptor wire, long hitsOfRequest, Violations violations) {
    violations.checkSize(
        field + ".entries", wire.getEntriesCount(), RequestLimits.MAX_DESCRIPTOR_ENTRIES);
    List<Descriptor.Entry> entries = new ArrayList<>(wire.getEntriesCount());
    for (RateLimitDescriptor.Entry entry : wire.getEntriesList()) {
      int index = entries.size();
      if (Violations.outside(entry.getKey(), 0, RequestLimits.MAX_DESCRIPTOR_KEY_BYTES)) {
        String key = field + ".entries[" + index + "].key";
        violations.checkBytes(key, entry.getKey(), 0, RequestLimits.MAX_DESCRIPTOR_KEY_BYTES);
      }
      if (Violations.outside(entry.getValue(), 0, MAX_VALUE_BYTES)) {
        String value = field + ".entries[" + index + "].value";
        violations.checkBytes(value, entry.getValue(), 0, MAX_VALUE_BYTES);
      }
      entries.add(new Descriptor.Entry(entry.getKey(), entry.getValue()));
    }
    long hits = wire.hasHitsAddend() ? wire.getHitsAddend().getValue() : hitsOfRequest;
    if (hits < 0 || hits > Bounds.MAX_COUNT) {
      violations.checkCount(field + ".hits_addend", hits);
    }
    return new DescriptorRequest.DescriptorHits(
        new Descriptor(entries, limit(field, wire, violations)),
        wire.getIsNegativeHits() ? -hits : hits);
  }

  private static Descriptor.@Nullable OwnLimit limit(
      String field, RateLimitDescriptor wire, Violations violations) {
    if (!wire.hasLimit()) {
      return null;
    }
    RateUnit unit =
        switch (wire.getLimit().getUnit()) {
          case SECOND -> RateUnit.SECOND;
          case MINUTE -> RateUnit.MINUTE;
          case HOUR -> RateUnit.HOUR;
          case DAY -> RateUnit.DAY;
          case WEEK -> RateUnit.WEEK;
          case MONTH -> RateUnit.MONTH;
          case YEAR -> RateUnit.YEAR;
          case UNKNOWN, UNRECOGNIZED -> null;
        };
    if (unit == null) {
      violations.add(
          field + ".limit.unit",
          "is %d; use SECOND, MINUTE, HOUR, DAY, WEEK, MONTH or YEAR"
              .formatted(wire.getLimit().getUnitValue()));
      return null;
    }
    long multiplier = multiplier(wire.getLimit());
    if (multiplier < 1 || multiplier > RatePeriod.most(unit)) {
      violations.add(
          field + ".limit.unit_multiplier",
          "is %d; use 1 to %d for %s".formatted(multiplier, RatePeriod.most(unit), unit));
      return null;
    }
    return new Descriptor.OwnLimit(
        Integer.toUnsignedLong(wire.getLimit().getRequestsPerUnit()),
        new RatePeriod(unit, multiplier));
  }

  /** A message around a number, as Envoy reviews it now, or the bare number of its first draft. */
  private static long multiplier(RateLimitOverride limit) {
    if (limit.hasUnitMultiplier()) {
      return Integer.toUnsignedLong(limit.getUnitMultiplier().getValue());
    }
    List<Long> bare =
        limit
            .getUnknownFields()
            .getField(RateLimitOverride.UNIT_MULTIPLIER_FIELD_NUMBER)
            .getVarintList();
    return bare.isEmpty() ? 1 : bare.get(bare.size() - 1) & 0xffff_ffffL;
  }
}
