package io.limiter.server.rules.syntax;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.limiter.server.rules.PriceList;
import io.limiter.server.rules.Tariff;
import io.limiter.server.rules.yaml.BadValueException;
import io.limiter.server.rules.yaml.Fields;
import io.limiter.server.rules.yaml.Located;
import io.limiter.server.rules.yaml.Problems;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/** What a rule is charged, as files say it: {@code unit} and {@code charge}. */
public final class ChargeSyntax {
  /** The fields of a rule that say it. */
  public static final List<String> FIELDS = List.of("unit", "charge");

  private static final int DECIMALS = 6;
  private static final int MOST_DIGITS = 12;
  private static final Pattern WEIGHT =
      Pattern.compile("(" + Subschema.DIGITS + ")(?:\\.([0-9]{1," + DECIMALS + "}))?");
  private static final String WEIGHTS =
      "a mapping from units to weights, such as { input_tokens: 3, output_tokens: 15 }";
  private static final String CHARGE = "charge";

  private ChargeSyntax() {}

  /** Reads the fields of a rule; what is wrong is a problem. */
  public static Tariff read(Fields rule, Problems problems) {
    String unit = rule.readOr("unit", text -> Syntax.name("unit", text), "");
    Optional<Tariff> charged = charge(rule, unit, problems);
    if (charged.isPresent()) {
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
    return charged.orElseGet(() -> new Tariff(unit));
  }

  /**
   * What the field {@code charge} of a rule or an override says; empty if it is absent or wrong.
   *
   * @param unit that the rule counts
   */
  public static Optional<Tariff> charge(Fields fields, String unit, Problems problems) {
    if (fields.get(CHARGE).orElse(null) instanceof ScalarNode) {
      return fields
          .read(CHARGE, text -> Syntax.name(CHARGE, text))
          .map(list -> new Tariff(unit, PriceList.named(list.value())));
    }
    return fields
        .mapping(CHARGE, WEIGHTS + ", or the name of prices")
        .map(mapping -> weights(CHARGE, "charge of ", mapping, problems))
        .filter(weights -> !weights.isEmpty())
        .map(weights -> new Tariff(unit, weights));
  }

  /**
   * The list of prices that a rule or an override names, and where; empty if it names none.
   *
   * @param rule whatever stands there, be it right or wrong
   */
  public static Optional<Located<String>> named(Node rule) {
    return rule instanceof MappingNode mapping
        ? mapping.getValue().stream()
            .filter(
                field ->
                    field.getKeyNode() instanceof ScalarNode key && key.getValue().equals(CHARGE))
            .map(NodeTuple::getValueNode)
            .filter(value -> value instanceof ScalarNode name && Syntax.isName(name.getValue()))
            .map(value -> new Located<>(((ScalarNode) value).getValue(), value))
            .findFirst()
        : Optional.empty();
  }

  /**
   * A mapping from units to weights, in millionths.
   *
   * @param what the mapping is
   * @param of what one of its weights is, before the name of its unit: {@code charge of }
   */
  public static Map<String, Long> weights(
      String what, String of, MappingNode mapping, Problems problems) {
    if (mapping.getValue().isEmpty()) {
      problems.add(mapping, what + " is empty; use " + WEIGHTS);
    }
    Map<String, Long> weights = new LinkedHashMap<>();
    for (Map.Entry<String, Node> entry : Fields.entries(mapping, problems).entrySet()) {
      String unit = entry.getKey();
      if (!(entry.getValue() instanceof ScalarNode weight)) {
        problems.add(
            entry.getValue(),
            "%s%s is %s; use a weight, such as 3 or 0.25"
                .formatted(of, unit, Fields.kind(entry.getValue())));
        continue;
      }
      Fields.parsed(
              weight,
              text -> {
                Syntax.name(what, unit);
                return millionths(of + unit, text);
              },
              problems)
          .ifPresent(parsed -> weights.put(unit, parsed));
    }
    return weights;
  }

  /** An exact decimal, {@code 0.25}, in millionths. */
  private static long millionths(String what, String text) {
    Matcher weight = WEIGHT.matcher(text);
    if (!weight.matches()) {
      throw new BadValueException(
          "%s \"%s\" is no weight; use 0 to %d with at most %d decimals, such as 3 or 0.25"
              .formatted(what, text, Tariff.MOST, DECIMALS));
    }
    String whole = weight.group(1).replace("_", "");
    String decimals = weight.group(3) == null ? "" : weight.group(3);
    String digits = whole + (decimals + "0".repeat(DECIMALS)).substring(0, DECIMALS);
    if (whole.length() > MOST_DIGITS || Long.parseLong(digits) > Tariff.MOST * Tariff.MILLIONTHS) {
      throw new BadValueException(
          "%s %s is out of range; use at most %d, or a larger unit"
              .formatted(what, text, Tariff.MOST));
    }
    return Long.parseLong(digits);
  }

  /** The JSON Schema of the field {@code charge}. */
  public static JsonObject schema() {
    JsonArray either = new JsonArray();
    either.add(
        Subschema.text(
            "^[A-Za-z0-9._-]{1," + Syntax.LONGEST_NAME + "}$", "The name of a list of prices."));
    either.add(weights("What each unit of a request adds to the sum that is charged."));
    return Subschema.one("anyOf", either);
  }

  /** The JSON Schema of weights by unit. */
  public static JsonObject weights(String description) {
    JsonObject weight = Subschema.described("What one of it adds, with at most 6 decimals.");
    weight.add("type", Subschema.strings(List.of("number", "string")));
    weight.addProperty("minimum", 0);
    weight.addProperty("maximum", Tariff.MOST);
    weight.addProperty("pattern", "^" + Subschema.DIGITS + "([.][0-9]{1," + DECIMALS + "})?$");
    JsonObject charge = Subschema.described(description);
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
