package io.limiter.server.rules.syntax;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.limiter.server.rules.Tariff;
import io.limiter.server.rules.yaml.BadValueException;
import io.limiter.server.rules.yaml.Fields;
import io.limiter.server.rules.yaml.Problems;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/** What a rule is charged, as files say it: {@code unit} and {@code charge}. */
public final class ChargeSyntax {
  /** The fields of a rule that say it. */
  public static final List<String> FIELDS = List.of("unit", "charge");

  private static final int DECIMALS = 6;
  private static final int MOST_DIGITS = 12;
  private static final Pattern WEIGHT =
      Pattern.compile("(" + Subschema.DIGITS + ")(?:\\.([0-9]{1," + DECIMALS + "}))?");
  private static final String EXAMPLE =
      "a mapping from units to weights, such as { input_tokens: 3, output_tokens: 15 }";

  private ChargeSyntax() {}

  /** Reads the fields of a rule; what is wrong is a problem. */
  public static Tariff read(Fields rule, Problems problems) {
    String unit = rule.readOr("unit", text -> Syntax.name("unit", text), "");
    Optional<Map<String, Long>> weights = weights(rule, problems);
    if (weights.isPresent()) {
      rule.missing("unit", "name what charge adds up to, such as unit: micro_usd");
      if (rule.flag("learn")) {
        rule.get("learn")
            .ifPresent(
                learn ->
                    problems.add(
                        learn,
                        "learn does not belong to charge, since no upstream tells its limit in"
                            + " weighted sums; remove one of them"));
      }
    }
    return weights.map(given -> new Tariff(unit, given)).orElseGet(() -> new Tariff(unit));
  }

  /** The weights of the field {@code charge}, in millionths; empty if it is absent or wrong. */
  public static Optional<Map<String, Long>> weights(Fields fields, Problems problems) {
    return fields
        .mapping("charge", EXAMPLE)
        .flatMap(
            mapping -> {
              Map<String, Long> weights = weights(mapping, problems);
              return weights.isEmpty() ? Optional.empty() : Optional.of(weights);
            });
  }

  private static Map<String, Long> weights(MappingNode mapping, Problems problems) {
    if (mapping.getValue().isEmpty()) {
      problems.add(mapping, "charge is empty; use " + EXAMPLE);
    }
    Map<String, Long> weights = new LinkedHashMap<>();
    for (Map.Entry<String, Node> entry : Fields.entries(mapping, problems).entrySet()) {
      String unit = entry.getKey();
      if (!(entry.getValue() instanceof ScalarNode weight)) {
        problems.add(
            entry.getValue(),
            "charge of %s is %s; use a weight, such as 3 or 0.25"
                .formatted(unit, Fields.kind(entry.getValue())));
        continue;
      }
      Fields.parsed(
              weight,
              text -> {
                Syntax.name("charge", unit);
                return millionths(unit, text);
              },
              problems)
          .ifPresent(parsed -> weights.put(unit, parsed));
    }
    return weights;
  }

  /** An exact decimal, {@code 0.25}, in millionths. */
  private static long millionths(String unit, String text) {
    Matcher weight = WEIGHT.matcher(text);
    if (!weight.matches()) {
      throw new BadValueException(
          "charge of %s \"%s\" is no weight; use 0 to %d with at most %d decimals, such as 3 or 0.25"
              .formatted(unit, text, Tariff.MOST, DECIMALS));
    }
    String whole = weight.group(1).replace("_", "");
    String decimals = weight.group(3) == null ? "" : weight.group(3);
    String digits = whole + (decimals + "0".repeat(DECIMALS)).substring(0, DECIMALS);
    if (whole.length() > MOST_DIGITS || Long.parseLong(digits) > Tariff.MOST * Tariff.MILLIONTHS) {
      throw new BadValueException(
          "charge of %s %s is out of range; use at most %d, or a larger unit"
              .formatted(unit, text, Tariff.MOST));
    }
    return Long.parseLong(digits);
  }

  /** The JSON Schema of the field {@code charge}. */
  public static JsonObject schema() {
    JsonObject weight = Subschema.described("What one of it adds, with at most 6 decimals.");
    JsonArray types = Subschema.strings(List.of("number", "string"));
    weight.add("type", types);
    weight.addProperty("minimum", 0);
    weight.addProperty("maximum", Tariff.MOST);
    weight.addProperty("pattern", "^" + Subschema.DIGITS + "([.][0-9]{1," + DECIMALS + "})?$");
    JsonObject charge =
        Subschema.described("What each unit of a request adds to the sum that is charged.");
    charge.addProperty("type", "object");
    charge.addProperty("minProperties", 1);
    charge.add("additionalProperties", weight);
    return charge;
  }

  /** Fields, and those that they do not go without. */
  public static JsonObject together() {
    return Subschema.one("charge", Subschema.strings(List.of("unit")));
  }
}
