package io.limiter.server.rules.yaml;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * Resolves what YAML 1.1 means in an Envoy configuration, as envoyproxy/ratelimit reads it. {@code
 * <<} merges the fields of another mapping. A field without a value is absent. {@code yes} is
 * {@code true}. The result is a tree of plain YAML, whose nodes keep their places in the file.
 */
public final class EnvoyYaml {
  private static final String MERGE = "<<";
  private static final Set<String> NOTHING = Set.of("", "~", "null", "Null", "NULL");
  private static final Set<String> FLAGS =
      Set.of(
          "unlimited",
          "shadow_mode",
          "quota_mode",
          "detailed_metric",
          "value_to_metric",
          "share_threshold",
          "charge-on-deny");
  private static final Set<String> YES =
      Set.of("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON");
  private static final Set<String> NO =
      Set.of("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF");

  private final Problems problems;
  private final IdentityHashMap<Node, Node> done = new IdentityHashMap<>();

  private EnvoyYaml(Problems problems) {
    this.problems = problems;
  }

  /**
   * The configuration {@code root}, resolved.
   *
   * @param root no deeper than {@link YamlText} lets it be, since this walks it by recursion
   */
  public static MappingNode resolved(MappingNode root, Problems problems) {
    return new EnvoyYaml(problems).mapping(root);
  }

  private Node node(Node node) {
    Node known = done.get(node);
    if (known != null) {
      return known;
    }
    Node resolved = node;
    if (node instanceof MappingNode mapping) {
      resolved = mapping(mapping);
    } else if (node instanceof SequenceNode list) {
      resolved =
          new SequenceNode(
              list.getTag(),
              /* resolved= */ true,
              list.getValue().stream().map(this::node).toList(),
              list.getFlowStyle(),
              list.getStartMark(),
              list.getEndMark());
    }
    done.put(node, resolved);
    return resolved;
  }

  private MappingNode mapping(MappingNode mapping) {
    List<NodeTuple> own = new ArrayList<>();
    Set<String> ownKeys = new HashSet<>();
    Map<String, NodeTuple> merged = new LinkedHashMap<>();
    for (NodeTuple entry : mapping.getValue()) {
      if (isMerge(entry.getKeyNode())) {
        merge(entry, ownKeys, merged);
        continue;
      }
      if (entry.getKeyNode() instanceof ScalarNode key) {
        ownKeys.add(key.getValue());
      }
      if (!isNothing(entry.getValueNode())) {
        own.add(new NodeTuple(entry.getKeyNode(), value(entry)));
      }
    }
    merged.keySet().removeAll(ownKeys);
    own.addAll(merged.values());
    return new MappingNode(
        mapping.getTag(),
        /* resolved= */ true,
        own,
        mapping.getFlowStyle(),
        mapping.getStartMark(),
        mapping.getEndMark());
  }

  private static boolean isMerge(Node key) {
    return key instanceof ScalarNode scalar && scalar.isPlain() && scalar.getValue().equals(MERGE);
  }

  private static boolean isNothing(Node node) {
    return node instanceof ScalarNode scalar
        && scalar.isPlain()
        && NOTHING.contains(scalar.getValue());
  }

  private void merge(NodeTuple entry, Set<String> before, Map<String, NodeTuple> merged) {
    Node from = entry.getValueNode();
    List<Node> sources = from instanceof SequenceNode list ? list.getValue() : List.of(from);
    for (Node source : sources) {
      if (!(node(source) instanceof MappingNode mapping)) {
        problems.add(
            source, "<< is %s; use an alias of a mapping: *name".formatted(Fields.kind(source)));
        continue;
      }
      for (NodeTuple field : mapping.getValue()) {
        if (field.getKeyNode() instanceof ScalarNode key) {
          if (before.contains(key.getValue())) {
            late(entry, key.getValue());
          }
          merged.putIfAbsent(key.getValue(), field);
        }
      }
    }
  }

  /** YAML says that the field given here wins, Envoy's service takes the one merged after it. */
  private void late(NodeTuple merge, String field) {
    problems.add(
        merge.getKeyNode(),
        "<< comes after %s, which it has too; put << first, so that what is given here wins"
            .formatted(field));
  }

  private Node value(NodeTuple entry) {
    Node value = entry.getValueNode();
    if (entry.getKeyNode() instanceof ScalarNode key
        && FLAGS.contains(key.getValue())
        && value instanceof ScalarNode scalar
        && scalar.isPlain()) {
      return flag(scalar);
    }
    return node(value);
  }

  private static Node flag(ScalarNode scalar) {
    boolean yes = YES.contains(scalar.getValue());
    if (!yes && !NO.contains(scalar.getValue())) {
      return scalar;
    }
    return new ScalarNode(
        Tag.BOOL,
        /* resolved= */ true,
        yes ? "true" : "false",
        scalar.getScalarStyle(),
        scalar.getStartMark(),
        scalar.getEndMark());
  }
}
