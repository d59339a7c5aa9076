package io.limiter.server.envoy;

import io.limiter.algorithm.Bounds;
import io.limiter.envoy.descriptor.RateLimitDescriptor;
import io.limiter.envoy.descriptor.RateLimitDescriptor.RateLimitOverride;
import io.limiter.envoy.service.RateLimitRequest;
import io.limiter.server.api.InvalidRequestException;
import io.limiter.server.api.RequestLimits;
import io.limiter.server.api.Violations;
import io.limiter.server.decide.DescriptorRequest;
import io.limiter.server.decide.Request;
import io.limiter.server.rules.Descriptor;
import io.limiter.server.rules.RatePeriod;
import io.limiter.server.rules.RateUnit;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Checks Envoy's requests and translates them. Throws a {@link TooLargeException} at the first
 * bound that a request passes, and an {@link InvalidRequestException} that lists what else is wrong
 * with it. A value may have any length. Safe to call from any thread.
 */
final class EnvoyRequestReader {
  static final int MAX_DESCRIPTORS = 100;

  private EnvoyRequestReader() {}

  static DescriptorRequest read(
      RateLimitRequest wire, EnvoySettings settings, long waitNanos, Request.Owner owner) {
    Violations violations = new Violations();
    checkBytes(Bound.DOMAIN, "domain", wire.getDomain(), RequestLimits.MAX_DOMAIN_BYTES);
    violations.checkBytes("domain", wire.getDomain(), 1, RequestLimits.MAX_DOMAIN_BYTES);
    if (wire.getDescriptorsCount() == 0) {
      violations.add("descriptors", "is empty; describe the request by at least one");
    }
    checkSize(Bound.DESCRIPTORS, "descriptors", wire.getDescriptorsCount(), MAX_DESCRIPTORS);
    long hits = Math.max(1, Integer.toUnsignedLong(wire.getHitsAddend()));
    List<DescriptorRequest.DescriptorHits> descriptors =
        new ArrayList<>(wire.getDescriptorsCount());
    for (int i = 0; i < wire.getDescriptorsCount(); i++) {
      descriptors.add(
          descriptor("descriptors[" + i + "]", wire.getDescriptors(i), hits, violations));
    }
    violations.throwIfAny();
    return new DescriptorRequest(
        wire.getDomain(),
        descriptors,
        settings.leniency(),
        settings.chargeOnDeny(),
        waitNanos,
        owner);
  }

  private static DescriptorRequest.DescriptorHits descriptor(
      String field, RateLimitDescriptor wire, long hitsOfRequest, Violations violations) {
    if (wire.getEntriesCount() > RequestLimits.MAX_DESCRIPTOR_ENTRIES) {
      checkSize(
          Bound.ENTRIES,
          field + ".entries",
          wire.getEntriesCount(),
          RequestLimits.MAX_DESCRIPTOR_ENTRIES);
    }
    List<Descriptor.Entry> entries = new ArrayList<>(wire.getEntriesCount());
    for (RateLimitDescriptor.Entry entry : wire.getEntriesList()) {
      int index = entries.size();
      if (Violations.outside(entry.getKey(), 0, RequestLimits.MAX_DESCRIPTOR_KEY_BYTES)) {
        String key = field + ".entries[" + index + "].key";
        checkBytes(Bound.KEY, key, entry.getKey(), RequestLimits.MAX_DESCRIPTOR_KEY_BYTES);
      }
      entries.add(new Descriptor.Entry(entry.getKey(), entry.getValue()));
    }
    long hits = wire.hasHitsAddend() ? wire.getHitsAddend().getValue() : hitsOfRequest;
    if (hits < 0 || hits > Bounds.MAX_COUNT) {
      throw new TooLargeException(
          Bound.HITS,
          field + ".hits_addend",
          "%s is out of range; use 0 to %d (2^52)"
              .formatted(Long.toUnsignedString(hits), Bounds.MAX_COUNT));
    }
    return new DescriptorRequest.DescriptorHits(
        new Descriptor(entries, limit(field, wire, violations)),
        wire.getIsNegativeHits() ? -hits : hits);
  }

  private static void checkBytes(Bound bound, String field, String text, int most) {
    if (Violations.outside(text, 0, most)) {
      throw new TooLargeException(
          bound,
          field,
          "is %d bytes long; use at most %d"
              .formatted(text.getBytes(StandardCharsets.UTF_8).length, most));
    }
  }

  private static void checkSize(Bound bound, String field, int size, int most) {
    if (size > most) {
      throw new TooLargeException(
          bound, field, "has %d entries; use at most %d".formatted(size, most));
    }
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
