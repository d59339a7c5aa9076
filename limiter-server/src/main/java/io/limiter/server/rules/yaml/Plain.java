package io.limiter.server.rules.yaml;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * The metadata of an Envoy configuration as plain values: {@link String}, {@link Double}, {@link
 * Boolean}, lists, maps, and an empty {@link Optional} for null.
 */
public final class Plain {
  private Plain() {}

  /** A mapping whose own keys are texts as they are written. */
  public static Map<String, Object> mapping(MappingNode mapping, Problems problems) {
    Map<String, Object> values = new LinkedHashMap<>();
    Fields.entries(mapping, problems)
        .forEach((key, node) -> values.put(key, value(node, problems)));
    return values;
  }

  private static Object value(Node node, Problems problems) {
    if (node instanceof MappingNode mapping) {
      return nested(mapping, problems);
    }
    if (node instanceof SequenceNode sequence) {
      List<Object> elements = new ArrayList<>();
      for (Node element : sequence.getValue()) {
        elements.add(value(element, problems));
      }
      return List.copyOf(elements);
    }
    return scalar((ScalarNode) node);
  }

  /** A mapping in a mapping: its keys have types, and are written out anew. */
  private static Map<String, Object> nested(MappingNode mapping, Problems problems) {
    Map<String, Object> values = new LinkedHashMap<>();
    for (NodeTuple entry : mapping.getValue()) {
      if (entry.getKeyNode() instanceof ScalarNode key) {
        values.put(GoScalar.key(scalar(key)), value(entry.getValueNode(), problems));
      } else {
        problems.add(entry.getKeyNode(), "a key of metadata is no single value; use a name");
      }
    }
    return values;
  }

  private static Object scalar(ScalarNode scalar) {
    boolean ownTag = !scalar.getTag().getValue().startsWith(Tag.PREFIX);
    return scalar.isPlain() && !ownTag ? GoScalar.value(scalar.getValue()) : scalar.getValue();
  }
}
