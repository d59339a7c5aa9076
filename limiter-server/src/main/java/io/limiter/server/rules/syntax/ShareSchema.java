package io.limiter.server.rules.syntax;

import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.limiter.algorithm.Algorithm;
import java.util.List;
import java.util.Map;

/** The JSON Schema of the field {@code share}, which {@link ShareSyntax} reads. */
public final class ShareSchema {
  private static final JsonObject GUARANTEE =
      Subschema.percent("The share of the limit that is always there for it.");
  private static final JsonObject WEIGHT =
      Subschema.count("Its part of what others leave, at most 1000.");
  private static final JsonObject BORROW = Subschema.flag("Whether it may use what others leave.");

  private ShareSchema() {}

  /** In a rule; {@code attribute} is the schema of an attribute's name. */
  public static JsonObject ofRule(JsonObject attribute) {
    return Subschema.object(
        ShareSyntax.FIELDS,
        Map.of(
            "key",
            Subschema.list(attribute, 1, "What makes a tenant."),
            "guarantee",
            GUARANTEE,
            "weight",
            WEIGHT,
            "borrow",
            BORROW),
        List.of("key", "guarantee"));
  }

  /** Takes in what does not belong to an algorithm. */
  public static void forbid(Algorithm algorithm, JsonObject forbidden) {
    if (!ShareSyntax.takes(algorithm)) {
      forbidden.add("share", new JsonPrimitive(false));
    }
  }

  /** In an override. */
  public static JsonObject ofOverride() {
    return Subschema.object(
        ShareSyntax.OVERRIDE_FIELDS,
        Map.of("guarantee", GUARANTEE, "weight", WEIGHT, "borrow", BORROW),
        List.of());
  }
}
