package io.limiter.server.rules.yaml;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * YAML as plain values: {@link String}, {@link Double}, {@link Boolean}, lists and maps. Nulls are
 * left out.
 */
public final class Plain {
  private Plain() {}

  public static Map<String, Object> mapping(MappingNode mapping, Problems problems) {
    Map<String, Object> values = new LinkedHashMap<>();
    Fields.entries(mapping, problems)
        .forEach(
            (key, node) -> {
              if (!isNull(node)) {
                values.put(key, value(node, problems));
              }
            });
    return values;
  }

  private static boolean isNull(Node node) {
    return node.getTag().equals(Tag.NULL);
  }

  private static Object value(Node node, Problems problems) {
    if (node instanceof MappingNode mapping) {
      return mapping(mapping, problems);
    }
    if (node instanceof SequenceNode sequence) {
      List<Object> elements = new ArrayList<>();
      for (Node element : sequence.getValue()) {
        if (!isNull(element)) {
          elements.add(value(element, problems));
        }
      }
      return List.copyOf(elements);
    }
    String text = ((ScalarNode) node).getValue();
    if (node.getTag().equals(Tag.BOOL)) {
      return Boolean.valueOf(text);
    }
    if (node.getTag().equals(Tag.INT) || node.getTag().equals(Tag.FLOAT)) {
      try {
        return Double.valueOf(text);
      } catch (NumberFormatException notDecimal) {
        return text;
      }
    }
    return text;
  }
}
