package io.limiter.server.rules.price;

import io.limiter.server.rules.syntax.ChargeSyntax;
import io.limiter.server.rules.yaml.Located;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** The lists that a file of rules names. */
public final class NamedPrices {
  private NamedPrices() {}

  /** Each name, wherever a rule or an override has it, from top to bottom. */
  public static List<Located<String>> in(MappingNode file) {
    return elements(file, "rules")
        .flatMap(rule -> Stream.concat(Stream.of(rule), elements(rule, "overrides")))
        .map(ChargeSyntax::named)
        .flatMap(Optional::stream)
        .toList();
  }

  private static Stream<Node> elements(Node in, String field) {
    return in instanceof MappingNode mapping
        ? mapping.getValue().stream()
            .filter(
                each -> each.getKeyNode() instanceof ScalarNode key && key.getValue().equals(field))
            .flatMap(
                each ->
                    each.getValueNode() instanceof SequenceNode list
                        ? list.getValue().stream()
                        : Stream.empty())
        : Stream.empty();
  }
}
