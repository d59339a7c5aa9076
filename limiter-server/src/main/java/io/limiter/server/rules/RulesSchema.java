package io.limiter.server.rules;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.limiter.algorithm.Algorithm;
import java.util.Collection;
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
  private static final String DIGITS = "[0-9]+(_[0-9]+)*";
  private static final String DURATION = DIGITS + "(ms|s|m|h|d)";

  private RulesSchema() {}

  /** The schema, draft 2020-12, as text. */
  public static String json() {
    JsonObject schema = new JsonObject();
    schema.addProperty("$schema", "https://json-schema.org/draft/2020-12/schema");
    schema.addProperty("title", "Rules of Limiter: one domain");
    schema.addProperty("type", "object");
    schema.add("if", one("required", strings(List.of("descriptors"))));
    schema.add("then", ref("descriptorFile"));
    schema.add("else", ref("ruleFile"));
    JsonObject defs = new JsonObject();
    defs.add("ruleFile", object(DomainFile.FIELDS, ruleFile(), List.of("domain", "rules")));
    defs.add("rule", rule());
    defs.add("override", override());
    defs.add("candidate", candidate());
    defs.add("when", when());
    defs.add(
        "descriptorFile",
        object(DomainFile.DESCRIPTOR_FIELDS, descriptorFile(), List.of("domain", "descriptors")));
    defs.add("descriptor", object(DescriptorReader.FIELDS, descriptor(), List.of("key")));
    defs.add("rateLimit", rateLimit());
    schema.add("$defs", defs);
    return new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create().toJson(schema)
        + "\n";
  }

  private static Map<String, JsonObject> ruleFile() {
    return Map.of(
        "domain", text(NAME, "The domain that requests name."),
        "partition", list(attribute(), 1, "Every rule with all of these in its key shares a slot."),
        "rules", list(ref("rule"), 0, "The domain's rules; [] for none."));
  }

  private static JsonObject rule() {
    Map<String, JsonObject> shapes = numbers();
    shapes.put("name", text(NAME, "Unique in the domain; part of the counter's key."));
    shapes.put("key", list(attribute(), 0, "One counter for each combination of their values."));
    shapes.put("algorithm", choice(RuleShape.ALGORITHMS.keySet(), "How it counts."));
    shapes.put("unit", text(NAME, "What it counts, charged by unit_costs; absent: requests."));
    shapes.put("hash", flag("Values of the key are secrets."));
    shapes.put("ip-prefix", ipPrefix());
    shapes.put(
        "on-redis-failure", choice(List.of("open", "closed", "local"), "When Redis is away."));
    shapes.put("lease", lease());
    shapes.put("when", ref("when"));
    shapes.put("mode", choice(Standing.BY_WORD.keySet(), "What its denial does."));
    shapes.put(
        "enforce",
        text("^[0-9]{1,3}([.][0-9]{1,2})?%$", "The share of keys that it is enforced for."));
    shapes.put("candidate", ref("candidate"));
    shapes.put("unlimited", flag("Matching requests pass as if the rule were not there."));
    shapes.put("overrides", list(ref("override"), 0, "The first whose when matches decides."));
    JsonObject rule = object(RuleReader.FIELDS, shapes, List.of("name", "algorithm"));
    JsonArray byAlgorithm = new JsonArray();
    RuleShape.ALGORITHMS.forEach(
        (label, algorithm) -> byAlgorithm.add(whatItTakes(label, algorithm)));
    rule.add("allOf", byAlgorithm);
    return rule;
  }

  /** Of a rule of this algorithm: the numbers that it needs, and none that it does not take. */
  private static JsonObject whatItTakes(String label, Algorithm algorithm) {
    JsonObject condition = new JsonObject();
    condition.add("properties", one("algorithm", one("const", new JsonPrimitive(label))));
    condition.add("required", strings(List.of("algorithm")));
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
    either.add(one("required", strings(needed)));
    either.add(one("required", strings(List.of("unlimited"))));
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
    shapes.put("when", ref("when"));
    shapes.put("mode", choice(Standing.BY_WORD.keySet(), "What its denial does."));
    shapes.put("candidate", ref("candidate"));
    shapes.put("unlimited", flag("Matching requests pass as if the rule were not there."));
    JsonObject override = object(OverrideReader.FIELDS, shapes, List.of("when"));
    override.addProperty("minProperties", 2);
    return override;
  }

  private static JsonObject candidate() {
    Map<String, JsonObject> shapes = numbers();
    shapes.put("algorithm", choice(RuleShape.ALGORITHMS.keySet(), "If it is another."));
    JsonObject candidate = object(CandidateReader.FIELDS, shapes, List.of());
    candidate.addProperty("minProperties", 1);
    return candidate;
  }

  private static Map<String, JsonObject> numbers() {
    Map<String, JsonObject> shapes = new HashMap<>();
    shapes.put("rate", text("^" + DIGITS + "/(" + DIGITS + ")?(ms|s|m|h|d)$", "Such as 100/s."));
    shapes.put("burst", count("What a token bucket holds."));
    shapes.put("capacity", count("What the queue of a leaky bucket holds."));
    shapes.put("limit", count("The most cost in a window."));
    shapes.put(
        "window",
        text("^(" + DURATION + "|day|week|month|year)$", "A duration, or a unit of the calendar."));
    shapes.put("zone", text("^.+$", "An IANA time zone, for windows of the calendar."));
    return shapes;
  }

  private static JsonObject when() {
    JsonArray patterns = new JsonArray();
    patterns.add(scalar());
    patterns.add(list(scalar(), 1, "One of these must match."));
    JsonObject when = described("Attributes, and the pattern or patterns that each must match.");
    when.addProperty("type", "object");
    when.add("additionalProperties", one("anyOf", patterns));
    return when;
  }

  private static JsonObject ipPrefix() {
    Map<String, JsonObject> shapes =
        Map.of(
            "v4", count("Bits of an IPv4 address, at most 32."),
            "v6", count("Bits of an IPv6 address, at most 128."));
    return object(List.of("v4", "v6"), shapes, List.of());
  }

  private static JsonObject lease() {
    Map<String, JsonObject> shapes =
        Map.of(
            "size",
            text(
                "^[0-9]{1,2}([.][0-9]{1,2})?%$",
                "The share of the limit that an instance may hold, at most 50%."),
            "idle",
            text("^" + DURATION + "$", "Given back when unused for so long: 10ms to 1m."));
    return object(LeaseReader.FIELDS, shapes, List.of("size"));
  }

  private static Map<String, JsonObject> descriptorFile() {
    JsonObject domain = described("The domain that requests name.");
    domain.add("type", strings(List.of("string", "number", "boolean")));
    domain.addProperty("minLength", 1);
    return Map.of(
        "domain", domain,
        "descriptors", list(ref("descriptor"), 0, "The first level."),
        "charge-on-deny", flag("Denied requests are counted, and every descriptor is charged."));
  }

  private static Map<String, JsonObject> descriptor() {
    Map<String, JsonObject> shapes = new HashMap<>();
    JsonObject key = scalar();
    key.addProperty("minLength", 1);
    shapes.put("key", key);
    shapes.put("value", orNothing(scalar()));
    shapes.put("rate_limit", ref("rateLimit"));
    shapes.put("descriptors", list(ref("descriptor"), 0, "The next level."));
    shapes.put("shadow_mode", flag("Counted, and denies nothing."));
    shapes.put("quota_mode", flag("Denies only together with all other quotas."));
    shapes.put("detailed_metric", flag("Metrics name every value of the request."));
    shapes.put("value_to_metric", flag("Metrics name this level's value."));
    shapes.put("share_threshold", flag("The values of this wildcard are counted together."));
    shapes.put("metadata", one("type", new JsonPrimitive("object")));
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
    shapes.put("unit", text(units.append(")$").toString(), "Its length of time."));
    shapes.put("requests_per_unit", count("The most hits in it, at most 2^32 - 1."));
    shapes.put("unlimited", flag("Never over."));
    shapes.put("name", orNothing(scalar()));
    shapes.put(
        "replaces",
        list(
            object(DescriptorReader.REPLACES_FIELDS, Map.of("name", scalar()), List.of("name")),
            0,
            "Limits that do not count beside it."));
    shapes.put("metadata", one("type", new JsonPrimitive("object")));
    JsonObject limit = object(DescriptorReader.LIMIT_FIELDS, shapes, List.of());
    JsonArray either = new JsonArray();
    either.add(one("required", strings(List.of("unit"))));
    either.add(one("required", strings(List.of("unlimited"))));
    limit.add("anyOf", either);
    return limit;
  }

  private static JsonObject object(
      List<String> fields, Map<String, JsonObject> shapes, List<String> required) {
    if (!shapes.keySet().equals(java.util.Set.copyOf(fields))) {
      throw new IllegalStateException("fields " + fields + " and shapes " + shapes.keySet());
    }
    JsonObject properties = new JsonObject();
    fields.forEach(field -> properties.add(field, shapes.get(field)));
    JsonObject object = new JsonObject();
    object.addProperty("type", "object");
    object.add("properties", properties);
    object.addProperty("additionalProperties", false);
    if (!required.isEmpty()) {
      object.add("required", strings(required));
    }
    return object;
  }

  private static JsonObject described(String description) {
    return one("description", new JsonPrimitive(description));
  }

  private static JsonObject text(String pattern, String description) {
    JsonObject text = described(description);
    text.addProperty("type", "string");
    text.addProperty("pattern", pattern);
    return text;
  }

  private static JsonObject attribute() {
    return text("^[^\\s]{1,64}$", "The name of an attribute.");
  }

  private static JsonObject count(String description) {
    JsonObject count = described(description);
    count.add("type", strings(List.of("integer", "string")));
    count.addProperty("minimum", 0);
    count.addProperty("maximum", 1L << 52);
    count.addProperty("pattern", "^" + DIGITS + "$");
    return count;
  }

  private static JsonObject flag(String description) {
    JsonObject flag = described(description);
    JsonArray values = new JsonArray();
    values.add(true);
    values.add(false);
    values.add("true");
    values.add("false");
    flag.add("enum", values);
    return flag;
  }

  private static JsonObject choice(Collection<String> words, String description) {
    JsonObject choice = described(description);
    choice.add("enum", strings(words));
    return choice;
  }

  private static JsonObject list(JsonObject elements, int least, String description) {
    JsonObject list = described(description);
    list.addProperty("type", "array");
    list.add("items", elements);
    list.addProperty("minItems", least);
    return list;
  }

  private static JsonObject scalar() {
    return one("type", strings(List.of("string", "number", "boolean")));
  }

  private static JsonObject orNothing(JsonObject scalar) {
    scalar.getAsJsonArray("type").add("null");
    return scalar;
  }

  private static JsonObject ref(String name) {
    return one("$ref", new JsonPrimitive("#/$defs/" + name));
  }

  private static JsonObject one(String key, JsonElement value) {
    JsonObject object = new JsonObject();
    object.add(key, value);
    return object;
  }

  private static JsonArray strings(Collection<String> texts) {
    JsonArray array = new JsonArray();
    texts.forEach(array::add);
    return array;
  }
}
