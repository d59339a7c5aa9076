package io.limiter.server.rules.syntax;

import com.google.gson.JsonObject;
import io.limiter.server.rules.Levels;
import io.limiter.server.rules.Rule;
import io.limiter.server.rules.yaml.BadValueException;
import io.limiter.server.rules.yaml.Fields;
import io.limiter.server.rules.yaml.Problems;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/** How full a rule may be, as files say it. */
public final class LevelsSyntax {
  /** The fields of a rule that say it. */
  public static final List<String> FIELDS = List.of("priorities", "degrade-above", "soft");

  private static final String PRIORITIES =
      "a mapping, such as { interactive: 100%, default: 80%, batch: 50% }";

  private LevelsSyntax() {}

  /** Reads the fields, of no limit yet; what is wrong is a problem. */
  public static Levels read(Fields rule, Problems problems) {
    Map<String, Integer> priorities =
        rule.mapping("priorities", PRIORITIES)
            .map(mapping -> priorities(mapping, problems))
            .orElse(Map.of());
    int degradeAbove =
        rule.readOr("degrade-above", text -> share("degrade-above", text), Rule.Mode.ALL);
    Levels levels = new Levels(0, priorities, degradeAbove, soft(rule, problems));
    for (String field : levels.isNone() ? List.<String>of() : FIELDS) {
      rule.get("lease")
          .filter(lease -> rule.get(field).isPresent())
          .ifPresent(
              lease ->
                  problems.add(
                      lease,
                      "lease does not belong to %s, since nobody knows of what is held how full the rule is; remove one of them"
                          .formatted(field)));
    }
    return levels;
  }

  private static Map<String, Integer> priorities(MappingNode mapping, Problems problems) {
    Map<String, Integer> shares = new HashMap<>();
    for (Map.Entry<String, Node> entry : Fields.entries(mapping, problems).entrySet()) {
      String name = entry.getKey();
      if (!(entry.getValue() instanceof ScalarNode share)) {
        problems.add(
            entry.getValue(),
            "priority %s is %s; use a share of the limit, such as 50%%"
                .formatted(name, Fields.kind(entry.getValue())));
        continue;
      }
      Fields.parsed(
              share,
              text -> {
                Syntax.name("priority", name);
                return share("priority " + name, text);
              },
              problems)
          .ifPresent(points -> shares.put(name, points));
    }
    if (!mapping.getValue().isEmpty() && shares.size() < mapping.getValue().size()) {
      return shares; // what is wrong was said
    }
    if (!shares.containsKey(Levels.DEFAULT)) {
      problems.add(
          mapping,
          "priorities has no default; say what requests of no or another priority may fill, such as default: 80%");
    }
    return shares;
  }

  private static List<Integer> soft(Fields rule, Problems problems) {
    List<Integer> soft = new ArrayList<>();
    for (Node node : rule.list("soft", "a list of shares of the limit, such as [80%, 95%]")) {
      if (!(node instanceof ScalarNode scalar)) {
        problems.add(
            node,
            "soft has %s in it; use a share of the limit, such as 80%%"
                .formatted(Fields.kind(node)));
        continue;
      }
      Fields.parsed(scalar, text -> share("soft", text), problems)
          .ifPresent(
              points -> {
                if (!soft.isEmpty() && points <= soft.get(soft.size() - 1)) {
                  problems.add(
                      node,
                      "soft %s is not above the one before it; write them in ascending order, each once"
                          .formatted(scalar.getValue()));
                }
                soft.add(points);
              });
    }
    return soft;
  }

  private static int share(String field, String text) {
    OptionalInt points = Syntax.basisPoints(text);
    if (points.isEmpty() || points.getAsInt() < 1 || points.getAsInt() > Rule.Mode.ALL) {
      throw new BadValueException(
          "%s \"%s\" is no share of the limit; use 0.01%% to 100%%, such as 80%% or 0.25%%"
              .formatted(field, text));
    }
    return points.getAsInt();
  }

  /** The JSON Schema of the field {@code priorities}. */
  public static JsonObject priorities() {
    JsonObject priorities =
        Subschema.described("The share of the limit that requests of a priority may fill.");
    priorities.addProperty("type", "object");
    priorities.add("additionalProperties", Subschema.percent("A share of the limit."));
    priorities.add("required", Subschema.strings(List.of(Levels.DEFAULT)));
    return priorities;
  }
}
