package io.limiter.server.rules.syntax;

import io.limiter.server.rules.yaml.Fields;
import io.limiter.server.rules.yaml.Problems;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/** Reads the fields that list attributes: {@code key} and {@code partition}. */
public final class AttributeNames {
  private AttributeNames() {}

  /** The names in the order of the file, each once; what is wrong is a problem. */
  public static List<String> read(Fields fields, String field, Problems problems) {
    Map<String, Node> names = new LinkedHashMap<>();
    for (Node node : fields.list(field, "a list of attribute names, such as [user]")) {
      if (node instanceof ScalarNode scalar) {
        Fields.parsed(scalar, name -> Syntax.attribute(field, name), problems)
            .filter(name -> names.putIfAbsent(name, scalar) != null)
            .ifPresent(
                name ->
                    problems.add(
                        scalar, "%s names \"%s\" twice; remove one".formatted(field, name)));
      } else {
        problems.add(
            node, "%s has %s in it; use attribute names".formatted(field, Fields.kind(node)));
      }
    }
    return List.copyOf(names.keySet());
  }
}
