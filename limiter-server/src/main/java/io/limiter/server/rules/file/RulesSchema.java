package io.limiter.server.rules.file;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.limiter.algorithm.Algorithm;
import io.limiter.server.rules.LimitField;
import io.limiter.server.rules.LimitSyntax;
import io.limiter.server.rules.RateUnit;
import io.limiter.server.rules.price.PriceFile;
import io.limiter.server.rules.profile.file.ProfileSchema;
import io.limiter.server.rules.syntax.ChargeSyntax;
import io.limiter.server.rules.syntax.HoldSyntax;
import io.limiter.server.rules.syntax.LevelsSyntax;
import io.limiter.server.rules.syntax.ShareSchema;
import io.limiter.server.rules.syntax.Subschema;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The JSON Schema of rules files, for editors. It is made of the readers' own lists of fields, so a
 * field without a subschema here fails, and so does a subschema without a field.
 *
 * <p>A schema checks less than the readers do: no bounds of combined numbers, no repeated names.
 */
public final class RulesSchema {
  private static final String NAME = "^[A-Za-z0-9._-]{1,64}$";
  private static final String DURATION = Subschema.DIGITS + "(ms|s|m|h|d)";

  private RulesSchema() {}

  /** The schema, draft 2020-12, as text. */
  public static String json() {
    JsonObject schema = new JsonObject();
    schema.addProperty("$schema", "https://json-schema.org/draft/2020-12/schema");
    schema.addProperty("title", "Rules of Limiter: one domain, profiles of gateways, or prices");
    schema.addProperty("type", "object");
    schema.add("if", Subschema.one("required", Subschema.strings(List.of("descriptors"))));
    schema.add("then", Subschema.ref("descriptorFile"));
    JsonObject others =
        Subschema.one(
            "if", Subschema.one("required", Subschema.strings(List.of(ProfileSchema.FIELD))));
    others.add("then", Subschema.ref("profileFile"));
    JsonObject priced =
        Subschema.one(
            "if", Subschema.one("required", Subschema.strings(List.of(PriceFile.PRICES))));
    priced.add("then", Subschema.ref("priceFile"));
    priced.add("else", Subschema.ref("ruleFile"));
    others.add("else", priced);
    schema.add("else", others);
    JsonObject defs = new JsonObject();
    defs.add(
        "ruleFile", Subschema.object(DomainFile.FIELDS, ruleFile(), List.of("domain", "rules")));
    defs.add("rule", rule());
    defs.add("override", override());
    defs.add("candidate", candidate());
    defs.add("when", when());
    defs.add(
        "descriptorFile",
        Subschema.object(
            DomainFile.DESCRIPTOR_FIELDS, descriptorFile(), List.of("domain", "descriptors")));
    defs.add("descriptor", Subschema.object(DescriptorReader.FIELDS, descriptor(), List.of("key")));
    defs.add("rateLimit", rateLimit());
    defs.add("profileFile", ProfileSchema.file());
    defs.add("profile", ProfileSchema.profile());
    defs.add("priceFile", PriceFile.schema());
    schema.add("$defs", defs);
    return new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create().toJson(schema)
        + "\n";
  }

  private static Map<String, JsonObject> ruleFile() {
    return Map.of(
        "domain", Subschema.text(NAME, "The domain that requests name."),
        "partition",
            Subschema.list(
                attribute(), 1, "Every rule with all of these in its key shares a slot."),
        "rules", Subschema.list(Subschema.ref("rule"), 0, "The domain's rules; [] for none."));
  }

  private static JsonObject rule() {
    Map<String, JsonObject> shapes = numbers();
    shapes.put("name", Subschema.text(NAME, "Unique in the domain; part of the counter's key."));
    shapes.put(
        "key", Subschema.list(attribute(), 0, "One counter for each combination of their values."));
    shapes.put("algorithm", Subschema.choice(RuleShape.ALGORITHMS.keySet(), "How it counts."));
    shapes.put("unit", Subschema.text(NAME, "What it counts; absent: requests."));
    shapes.put("charge", ChargeSyntax.schema());
    shapes.put("hash", Subschema.flag("Values of the key are secrets."));
    shapes.put("ip-prefix", ipPrefix());
    shapes.put(
        "on-redis-failure", Subschema.choice(RuleShape.FAILURES.keySet(), "When Redis is away."));
    shapes.put("lease", lease());
    shapes.put("retry-spread", Subschema.percent("How much longer the denied wait, at random."));
    shapes.put("learn", Subschema.flag("It also holds to what Observe tells of the upstream."));
    shapes.putAll(HoldSyntax.schemas());
    shapes.put("share", ShareSchema.ofRule(attribute()));
    shapes.put("priorities", LevelsSyntax.priorities());
    shapes.put(
        "degrade-above", Subschema.percent("Admissions above it tell to make do with less."));
    shapes.put(
        "soft",
        Subschema.list(
            Subschema.percent("A share of the limit."), 1, "Answers tell when they are reached."));
    shapes.put("when", Subschema.ref("when"));
    shapes.put("mode", Subschema.choice(ModeField.BY_WORD.keySet(), "What its denial does."));
    shapes.put("enforce", Subschema.percent("The share of keys that it is enforced for."));
    shapes.put("candidate", Subschema.ref("candidate"));
    shapes.put(
        "unlimited", Subschema.flag("Matching requests pass as if the rule were not there."));
    shapes.put(
        "overrides",
        Subschema.list(Subschema.ref("override"), 0, "The first whose when matches decides."));
    JsonObject rule = Subschema.object(RuleReader.FIELDS, shapes, List.of("name", "algorithm"));
    JsonArray byAlgorithm = new JsonArray();
    RuleShape.ALGORITHMS.forEach(
        (label, algorithm) -> byAlgorithm.add(whatItTakes(label, algorithm)));
    rule.add("allOf", byAlgorithm);
    rule.add("dependentRequired", HoldSyntax.requireIn(ChargeSyntax.together()));
    return rule;
  }

  /** For a rule of this algorithm: the fields it needs, and none that it does not take. */
  private static JsonObject whatItTakes(String label, Algorithm algorithm) {
    JsonObject condition = new JsonObject();
    condition.add(
        "properties", Subschema.one("algorithm", Subschema.one("const", new JsonPrimitive(label))));
    condition.add("required", Subschema.strings(List.of("algorithm")));
    JsonObject forbidden = new JsonObject();
    LimitSyntax syntax = LimitSyntax.of(algorithm);
    for (LimitField field : LimitField.values()) {
      if (!syntax.fields().contains(field) && field != LimitField.HOLD) {
        forbidden.add(field.word(), new JsonPrimitive(false));
      }
    }
    HoldSyntax.forbid(algorithm, forbidden);
    if (syntax.leaseRefusal().isPresent()) {
      forbidden.add("lease", new JsonPrimitive(false));
    }
    ShareSchema.forbid(algorithm, forbidden);
    JsonArray either = new JsonArray();
    either.add(Subschema.one("required", Subschema.strings(LimitField.words(syntax.required()))));
    either.add(Subschema.one("required", Subschema.strings(List.of("unlimited"))));
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
    shapes.put("when", Subschema.ref("when"));
    shapes.put("charge", ChargeSyntax.schema());
    shapes.put("mode", Subschema.choice(ModeField.BY_WORD.keySet(), "What its denial does."));
    shapes.put("candidate", Subschema.ref("candidate"));
    shapes.put(
        "unlimited", Subschema.flag("Matching requests pass as if the rule were not there."));
    shapes.put("share", ShareSchema.ofOverride());
    JsonObject override = Subschema.object(OverrideReader.FIELDS, shapes, List.of("when"));
    override.addProperty("minProperties", 2);
    return override;
  }

  private static JsonObject candidate() {
    Map<String, JsonObject> shapes = numbers();
    shapes.put("algorithm", Subschema.choice(RuleShape.ALGORITHMS.keySet(), "If it is another."));
    JsonObject candidate = Subschema.object(CandidateReader.FIELDS, shapes, List.of());
    candidate.addProperty("minProperties", 1);
    return candidate;
  }

  private static Map<String, JsonObject> numbers() {
    Map<String, JsonObject> shapes = new HashMap<>();
    for (LimitField field : LimitField.values()) {
      shapes.put(field.word(), number(field));
    }
    return shapes;
  }

  private static JsonObject number(LimitField field) {
    return switch (field) {
      case RATE ->
          Subschema.text(
              "^" + Subschema.DIGITS + "/(" + Subschema.DIGITS + ")?(ms|s|m|h|d)$",
              "Such as 100/s.");
      case BURST -> Subschema.count("What a token bucket holds.");
      case CAPACITY -> Subschema.count("What the queue of a leaky bucket holds.");
      case LIMIT -> Subschema.count("The most cost in a window, or in holds.");
      case WINDOW ->
          Subschema.text(
              "^(" + DURATION + "|day|week|month|year|never)$",
              "A duration, a calendar's unit, or never.");
      case ZONE -> Subschema.text("^.+$", "An IANA time zone, for windows of the calendar.");
      case HOLD -> Subschema.text("^" + DURATION + "$", "How long a hold may last.");
      case FROM -> Subschema.dayOrAttribute("The day on which a month begins, or who names it.");
    };
  }

  private static JsonObject when() {
    JsonArray patterns = new JsonArray();
    patterns.add(Subschema.scalar());
    patterns.add(Subschema.list(Subschema.scalar(), 1, "One of these must match."));
    JsonObject when =
        Subschema.described("Attributes, and the pattern or patterns that each must match.");
    when.addProperty("type", "object");
    when.add("additionalProperties", Subschema.one("anyOf", patterns));
    return when;
  }

  private static JsonObject ipPrefix() {
    Map<String, JsonObject> shapes =
        Map.of(
            "v4", Subschema.count("Bits of an IPv4 address, at most 32."),
            "v6", Subschema.count("Bits of an IPv6 address, at most 128."));
    return Subschema.object(List.of("v4", "v6"), shapes, List.of());
  }

  private static JsonObject lease() {
    Map<String, JsonObject> shapes =
        Map.of(
            "size",
            Subschema.text(
                "^[0-9]{1,2}([.][0-9]{1,2})?%$",
                "The share of the limit that an instance may hold, at most 50%."),
            "idle",
            Subschema.text(
                "^" + DURATION + "$", "Given back when unused for so long: 10ms to 1m."));
    return Subschema.object(LeaseReader.FIELDS, shapes, List.of("size"));
  }

  private static Map<String, JsonObject> descriptorFile() {
    JsonObject domain = Subschema.described("The domain that requests name.");
    domain.add("type", Subschema.strings(List.of("string", "number", "boolean")));
    domain.addProperty("minLength", 1);
    return Map.of(
        "domain", domain,
        "descriptors", Subschema.list(Subschema.ref("descriptor"), 0, "The first level."),
        "charge-on-deny",
            Subschema.flag("Denied requests are counted, and every descriptor is charged."));
  }

  private static Map<String, JsonObject> descriptor() {
    Map<String, JsonObject> shapes = new HashMap<>();
    JsonObject key = Subschema.scalar();
    key.addProperty("minLength", 1);
    shapes.put("key", key);
    shapes.put("value", Subschema.orNothing(Subschema.scalar()));
    shapes.put("rate_limit", Subschema.ref("rateLimit"));
    shapes.put("descriptors", Subschema.list(Subschema.ref("descriptor"), 0, "The next level."));
    shapes.put("shadow_mode", Subschema.flag("Counted, and denies nothing."));
    shapes.put("quota_mode", Subschema.flag("Denies only together with all other quotas."));
    shapes.put("detailed_metric", Subschema.flag("Metrics name every value of the request."));
    shapes.put("value_to_metric", Subschema.flag("Metrics name this level's value."));
    shapes.put(
        "share_threshold", Subschema.flag("The values of this wildcard are counted together."));
    shapes.put("metadata", Subschema.one("type", new JsonPrimitive("object")));
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
    shapes.put("unit", Subschema.text(units.append(")$").toString(), "Its length of time."));
    shapes.put("requests_per_unit", Subschema.count("The most hits in it, at most 2^32 - 1."));
    shapes.put("unit_multiplier", Subschema.count("So many units make a window, 1 by default."));
    shapes.put("unlimited", Subschema.flag("Never over."));
    shapes.put("name", Subschema.orNothing(Subschema.scalar()));
    shapes.put(
        "replaces",
        Subschema.list(
            Subschema.object(
                DescriptorReader.REPLACES_FIELDS,
                Map.of("name", Subschema.scalar()),
                List.of("name")),
            0,
            "Limits that do not count beside it."));
    shapes.put("metadata", Subschema.one("type", new JsonPrimitive("object")));
    JsonObject limit = Subschema.object(DescriptorReader.LIMIT_FIELDS, shapes, List.of());
    JsonArray either = new JsonArray();
    either.add(Subschema.one("required", Subschema.strings(List.of("unit"))));
    either.add(Subschema.one("required", Subschema.strings(List.of("unlimited"))));
    limit.add("anyOf", either);
    return limit;
  }

  private static JsonObject attribute() {
    return Subschema.text("^[^\\s]{1,64}$", "The name of an attribute.");
  }
}
