package io.limiter.server.rules.file;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.limiter.algorithm.Algorithm;
import io.limiter.server.rules.RateUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The JSON Schema of rules files, for editors. Made of the lists of fields that the readers go by:
 * a field of theirs without a shape here fails, and so does a shape of a field that no reader has.
 *
 * <p>A schema sees less than the readers do: not what numbers add up to, nor what names repeat.
 */
public final class RulesSchema {
  private static final String NAME = "^[A-Za-z0-9._-]{1,64}$";
  private static final String DURATION = Shape.DIGITS + "(ms|s|m|h|d)";

  private RulesSchema() {}

  /** The schema, draft 2020-12, as text. */
  public static String json() {
    JsonObject schema = new JsonObject();
    schema.addProperty("$schema", "https://json-schema.org/draft/2020-12/schema");
    schema.addProperty("title", "Rules of Limiter: one domain");
    schema.addProperty("type", "object");
    schema.add("if", Shape.one("required", Shape.strings(List.of("descriptors"))));
    schema.add("then", Shape.ref("descriptorFile"));
    schema.add("else", Shape.ref("ruleFile"));
    JsonObject defs = new JsonObject();
    defs.add("ruleFile", Shape.object(DomainFile.FIELDS, ruleFile(), List.of("domain", "rules")));
    defs.add("rule", rule());
    defs.add("override", override());
    defs.add("candidate", candidate());
    defs.add("when", when());
    defs.add(
        "descriptorFile",
        Shape.object(
            DomainFile.DESCRIPTOR_FIELDS, descriptorFile(), List.of("domain", "descriptors")));
    defs.add("descriptor", Shape.object(DescriptorReader.FIELDS, descriptor(), List.of("key")));
    defs.add("rateLimit", rateLimit());
    schema.add("$defs", defs);
    return new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create().toJson(schema)
        + "\n";
  }

  private static Map<String, JsonObject> ruleFile() {
    return Map.of(
        "domain", Shape.text(NAME, "The domain that requests name."),
        "partition",
            Shape.list(attribute(), 1, "Every rule with all of these in its key shares a slot."),
        "rules", Shape.list(Shape.ref("rule"), 0, "The domain's rules; [] for none."));
  }

  private static JsonObject rule() {
    Map<String, JsonObject> shapes = numbers();
    shapes.put("name", Shape.text(NAME, "Unique in the domain; part of the counter's key."));
    shapes.put(
        "key", Shape.list(attribute(), 0, "One counter for each combination of their values."));
    shapes.put("algorithm", Shape.choice(RuleShape.ALGORITHMS.keySet(), "How it counts."));
    shapes.put(
        "unit", Shape.text(NAME, "What it counts, charged by unit_costs; absent: requests."));
    shapes.put("hash", Shape.flag("Values of the key are secrets."));
    shapes.put("ip-prefix", ipPrefix());
    shapes.put(
        "on-redis-failure",
        Shape.choice(List.of("open", "closed", "local"), "When Redis is away."));
    shapes.put("lease", lease());
    shapes.put("when", Shape.ref("when"));
    shapes.put("mode", Shape.choice(Standing.BY_WORD.keySet(), "What its denial does."));
    shapes.put(
        "enforce",
        Shape.text("^[0-9]{1,3}([.][0-9]{1,2})?%$", "The share of keys that it is enforced for."));
    shapes.put("candidate", Shape.ref("candidate"));
    shapes.put("unlimited", Shape.flag("Matching requests pass as if the rule were not there."));
    shapes.put(
        "overrides", Shape.list(Shape.ref("override"), 0, "The first whose when matches decides."));
    JsonObject rule = Shape.object(RuleReader.FIELDS, shapes, List.of("name", "algorithm"));
    JsonArray byAlgorithm = new JsonArray();
    RuleShape.ALGORITHMS.forEach(
        (label, algorithm) -> byAlgorithm.add(whatItTakes(label, algorithm)));
    rule.add("allOf", byAlgorithm);
    return rule;
  }

  /** Of a rule of this algorithm: the numbers that it needs, and none that it does not take. */
  private static JsonObject whatItTakes(String label, Algorithm algorithm) {
    JsonObject condition = new JsonObject();
    condition.add(
        "properties", Shape.one("algorithm", Shape.one("const", new JsonPrimitive(label))));
    condition.add("required", Shape.strings(List.of("algorithm")));
    JsonObject forbidden = new JsonObject();
    for (String field : Numbers.FIELDS) {
      if (!Numbers.belonging(algorithm).contains(field)) {
        forbidden.add(field, new JsonPrimitive(false));
      }
    }
    if (!LeaseReader.takes(algorithm)) {
      forbidden.add("lease", new JsonPrimitive(false));
    }
    List<String> needed =
        switch (algorithm) {
          case FIXED_WINDOW, SLIDING_LOG, SLIDING_COUNTER -> List.of("limit", "window");
          case TOKEN_BUCKET -> List.of("rate");
          case LEAKY_BUCKET -> List.of("rate", "capacity");
        };
    JsonArray either = new JsonArray();
    either.add(Shape.one("required", Shape.strings(needed)));
    either.add(Shape.one("required", Shape.strings(List.of("unlimited"))));
    JsonObject then = new JsonObject();
    then.add("properties", forbidden);
    then.add("anyOf", either);
    JsonObject rule = new JsonObject();
    rule.add("if", condition);
    rule.add("then", then);
    return rule;
  }

  private static JsonObject override() {
    Map<String, JsonObject> shapes = numbers();
    shapes.put("when", Shape.ref("when"));
    shapes.put("mode", Shape.choice(Standing.BY_WORD.keySet(), "What its denial does."));
    shapes.put("candidate", Shape.ref("candidate"));
    shapes.put("unlimited", Shape.flag("Matching requests pass as if the rule were not there."));
    JsonObject override = Shape.object(OverrideReader.FIELDS, shapes, List.of("when"));
    override.addProperty("minProperties", 2);
    return override;
  }

  private static JsonObject candidate() {
    Map<String, JsonObject> shapes = numbers();
    shapes.put("algorithm", Shape.choice(RuleShape.ALGORITHMS.keySet(), "If it is another."));
    JsonObject candidate = Shape.object(CandidateReader.FIELDS, shapes, List.of());
    candidate.addProperty("minProperties", 1);
    return candidate;
  }

  private static Map<String, JsonObject> numbers() {
    Map<String, JsonObject> shapes = new HashMap<>();
    shapes.put(
        "rate",
        Shape.text("^" + Shape.DIGITS + "/(" + Shape.DIGITS + ")?(ms|s|m|h|d)$", "Such as 100/s."));
    shapes.put("burst", Shape.count("What a token bucket holds."));
    shapes.put("capacity", Shape.count("What the queue of a leaky bucket holds."));
    shapes.put("limit", Shape.count("The most cost in a window."));
    shapes.put(
        "window",
        Shape.text(
            "^(" + DURATION + "|day|week|month|year)$", "A duration, or a unit of the calendar."));
    shapes.put("zone", Shape.text("^.+$", "An IANA time zone, for windows of the calendar."));
    return shapes;
  }

  private static JsonObject when() {
    JsonArray patterns = new JsonArray();
    patterns.add(Shape.scalar());
    patterns.add(Shape.list(Shape.scalar(), 1, "One of these must match."));
    JsonObject when =
        Shape.described("Attributes, and the pattern or patterns that each must match.");
    when.addProperty("type", "object");
    when.add("additionalProperties", Shape.one("anyOf", patterns));
    return when;
  }

  private static JsonObject ipPrefix() {
    Map<String, JsonObject> shapes =
        Map.of(
            "v4", Shape.count("Bits of an IPv4 address, at most 32."),
            "v6", Shape.count("Bits of an IPv6 address, at most 128."));
    return Shape.object(List.of("v4", "v6"), shapes, List.of());
  }

  private static JsonObject lease() {
    Map<String, JsonObject> shapes =
        Map.of(
            "size",
            Shape.text(
                "^[0-9]{1,2}([.][0-9]{1,2})?%$",
                "The share of the limit that an instance may hold, at most 50%."),
            "idle",
            Shape.text("^" + DURATION + "$", "Given back when unused for so long: 10ms to 1m."));
    return Shape.object(LeaseReader.FIELDS, shapes, List.of("size"));
  }

  private static Map<String, JsonObject> descriptorFile() {
    JsonObject domain = Shape.described("The domain that requests name.");
    domain.add("type", Shape.strings(List.of("string", "number", "boolean")));
    domain.addProperty("minLength", 1);
    return Map.of(
        "domain", domain,
        "descriptors", Shape.list(Shape.ref("descriptor"), 0, "The first level."),
        "charge-on-deny",
            Shape.flag("Denied requests are counted, and every descriptor is charged."));
  }

  private static Map<String, JsonObject> descriptor() {
    Map<String, JsonObject> shapes = new HashMap<>();
    JsonObject key = Shape.scalar();
    key.addProperty("minLength", 1);
    shapes.put("key", key);
    shapes.put("value", Shape.orNothing(Shape.scalar()));
    shapes.put("rate_limit", Shape.ref("rateLimit"));
    shapes.put("descriptors", Shape.list(Shape.ref("descriptor"), 0, "The next level."));
    shapes.put("shadow_mode", Shape.flag("Counted, and denies nothing."));
    shapes.put("quota_mode", Shape.flag("Denies only together with all other quotas."));
    shapes.put("detailed_metric", Shape.flag("Metrics name every value of the request."));
    shapes.put("value_to_metric", Shape.flag("Metrics name this level's value."));
    shapes.put("share_threshold", Shape.flag("The values of this wildcard are counted together."));
    shapes.put("metadata", Shape.one("type", new JsonPrimitive("object")));
    return shapes;
  }

  private static JsonObject rateLimit() {
    Map<String, JsonObject> shapes = new HashMap<>();
    StringBuilder units = new StringBuilder("^(");
    for (RateUnit unit : RateUnit.values()) {
      units.append(units.length() == 2 ? "" : "|");
      for (char letter : unit.name().toCharArray()) {
        units.append('[').append(letter).append(Character.toLowerCase(letter)).append(']');
      }
    }
    shapes.put("unit", Shape.text(units.append(")$").toString(), "Its length of time."));
    shapes.put("requests_per_unit", Shape.count("The most hits in it, at most 2^32 - 1."));
    shapes.put("unlimited", Shape.flag("Never over."));
    shapes.put("name", Shape.orNothing(Shape.scalar()));
    shapes.put(
        "replaces",
        Shape.list(
            Shape.object(
                DescriptorReader.REPLACES_FIELDS, Map.of("name", Shape.scalar()), List.of("name")),
            0,
            "Limits that do not count beside it."));
    shapes.put("metadata", Shape.one("type", new JsonPrimitive("object")));
    JsonObject limit = Shape.object(DescriptorReader.LIMIT_FIELDS, shapes, List.of());
    JsonArray either = new JsonArray();
    either.add(Shape.one("required", Shape.strings(List.of("unit"))));
    either.add(Shape.one("required", Shape.strings(List.of("unlimited"))));
    limit.add("anyOf", either);
    return limit;
  }

  private static JsonObject attribute() {
    return Shape.text("^[^\\s]{1,64}$", "The name of an attribute.");
  }
}
