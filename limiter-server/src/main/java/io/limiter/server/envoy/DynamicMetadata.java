package io.limiter.server.envoy;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.limiter.envoy.descriptor.RateLimitDescriptor;
import io.limiter.envoy.service.RateLimitRequest;
import io.limiter.ledger.Role;
import io.limiter.server.decide.DescriptorVerdict;
import io.limiter.server.decide.Verdict;
import io.limiter.server.rules.DescriptorMatch;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What other filters of the proxy learn of a decision, in the terms of Envoy's own service: {@code
 * domain}, {@code descriptors}, {@code hitsAddend}, {@code quotaModeEnabled}, {@code
 * quotaModeViolations}, and {@code metadata} of the limits that were not over. Beside these, {@code
 * shadowModeViolations}: which descriptors would have been denied.
 */
final class DynamicMetadata {
  private DynamicMetadata() {}

  static Struct of(RateLimitRequest wire, DescriptorVerdict verdict) {
    Struct.Builder all = Struct.newBuilder().putFields("domain", text(wire.getDomain()));
    ListValue.Builder descriptors = ListValue.newBuilder();
    wire.getDescriptorsList().forEach(one -> descriptors.addValues(descriptor(one)));
    all.putFields("descriptors", Value.newBuilder().setListValue(descriptors).build());
    if (wire.getHitsAddend() != 0) {
      all.putFields("hitsAddend", number(Integer.toUnsignedLong(wire.getHitsAddend())));
    }
    ListValue.Builder quotas = ListValue.newBuilder();
    ListValue.Builder shadows = ListValue.newBuilder();
    boolean quota = false;
    Map<String, Object> metadata = new LinkedHashMap<>();
    for (int i = 0; i < verdict.descriptors().size(); i++) {
      DescriptorVerdict.DescriptorStatus descriptor = verdict.descriptors().get(i);
      boolean over = false;
      boolean overQuota = false;
      boolean overShadow = false;
      for (Verdict.Status status : descriptor.statuses()) {
        boolean denied = !status.outcome().admits();
        boolean isQuota = status.role() == Role.QUOTA;
        boolean isShadow = status.role() == Role.SHADOW;
        quota |= isQuota;
        over |= denied;
        overQuota |= denied && isQuota;
        overShadow |= denied && isShadow;
      }
      if (overQuota) {
        quotas.addValues(number(i));
      }
      if (overShadow) {
        shadows.addValues(number(i));
      }
      if (!over && descriptor.match() instanceof DescriptorMatch.Limited limited) {
        merge(metadata, limited.metadata());
      }
    }
    all.putFields("quotaModeEnabled", Value.newBuilder().setBoolValue(quota).build());
    if (quotas.getValuesCount() > 0) {
      all.putFields("quotaModeViolations", Value.newBuilder().setListValue(quotas).build());
    }
    if (shadows.getValuesCount() > 0) {
      all.putFields("shadowModeViolations", Value.newBuilder().setListValue(shadows).build());
    }
    if (!metadata.isEmpty()) {
      all.putFields("metadata", value(metadata));
    }
    return all.build();
  }

  private static Value descriptor(RateLimitDescriptor descriptor) {
    ListValue.Builder entries = ListValue.newBuilder();
    for (RateLimitDescriptor.Entry entry : descriptor.getEntriesList()) {
      entries.addValues(text(entry.getKey() + "=" + entry.getValue()));
    }
    Struct.Builder fields =
        Struct.newBuilder().putFields("entries", Value.newBuilder().setListValue(entries).build());
    if (descriptor.hasLimit()) {
      fields.putFields(
          "limit",
          text(
              "requests_per_unit:%s unit:%s"
                  .formatted(
                      Integer.toUnsignedString(descriptor.getLimit().getRequestsPerUnit()),
                      descriptor.getLimit().getUnit())));
    }
    if (descriptor.hasHitsAddend()) {
      fields.putFields("hitsAddend", number(descriptor.getHitsAddend().getValue()));
    }
    return Value.newBuilder().setStructValue(fields).build();
  }

  /** Adds what is not there yet; of two mappings, what is in them. */
  @SuppressWarnings(
      "unchecked") // Metadata is made of JSON's types, whose mappings have texts as keys.
  private static void merge(Map<String, Object> into, Map<String, Object> from) {
    from.forEach(
        (key, value) -> {
          if (into.get(key) instanceof Map<?, ?> mapping && value instanceof Map<?, ?> other) {
            Map<String, Object> merged = new LinkedHashMap<>((Map<String, Object>) mapping);
            merge(merged, (Map<String, Object>) other);
            into.put(key, merged);
          } else {
            into.putIfAbsent(key, value);
          }
        });
  }

  private static Value value(Object plain) {
    if (plain instanceof Map<?, ?> mapping) {
      Struct.Builder fields = Struct.newBuilder();
      mapping.forEach((key, value) -> fields.putFields(String.valueOf(key), value(value)));
      return Value.newBuilder().setStructValue(fields).build();
    }
    if (plain instanceof List<?> list) {
      ListValue.Builder values = ListValue.newBuilder();
      list.forEach(element -> values.addValues(value(element)));
      return Value.newBuilder().setListValue(values).build();
    }
    if (plain instanceof Double number) {
      return Value.newBuilder().setNumberValue(number).build();
    }
    return plain instanceof Boolean flag
        ? Value.newBuilder().setBoolValue(flag).build()
        : text(String.valueOf(plain));
  }

  private static Value text(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }

  private static Value number(long number) {
    return Value.newBuilder().setNumberValue((double) number).build();
  }
}
