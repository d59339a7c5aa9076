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
 * Resolves what YAML means in an Envoy configuration, as envoyproxy/ratelimit reads it. {@code <<}
 * merges the fields of another mapping. Of a field that is given twice the last counts; where both
 * are mappings, field by field. A field without a value is absent. {@code yes} is {@code true}. The
 * result is a tree of plain YAML, whose nodes keep their places in the file.
 */
public final class EnvoyYaml {
  private static final String MERGE = "<<";
  private static final String METADATA = "metadata";
  private static final Set<String> FLAGS =
      Set.of(
          "unlimited",
          "shadow_mode",
          "quota_mode",
          "detailed_metric",
          "value_to_metric",
          "share_threshold",
          "charge-on-deny");

  private final Problems problems;
  private final boolean metadata;
  private final IdentityHashMap<Node, Node> done = new IdentityHashMap<>();

  /**
   * Resolves a tree.
   *
   * @param metadata whether it is metadata, where nothing is a value too, and no field is a flag
   */
  private EnvoyYaml(boolean metadata, Problems problems) {
    this.metadata = metadata;
    this.problems = problems;
  }

  /**
   * The configuration {@code root}, resolved.
   *
   * @param root no deeper than {@link YamlText} lets it be, since this walks it by recursion
   */
  public static MappingNode resolved(MappingNode root, Problems problems) {
    return new EnvoyYaml(/* metadata= */ false, problems).mapping(root);
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
    Map<String, NodeTuple> fields = new LinkedHashMap<>();
    Set<String> own = new HashSet<>();
    List<NodeTuple> keyless = new ArrayList<>();
    for (NodeTuple entry : mapping.getValue()) {
      if (isMerge(entry.getKeyNode())) {
        merge(entry, own, fields);
      } else if (entry.getKeyNode() instanceof ScalarNode key) {
        if (!own.add(key.getValue())) {
          problems.warn(
              key, "%s is given twice, and the last counts; remove one".formatted(key.getValue()));
        }
        put(new NodeTuple(key, value(entry)), fields);
      } else {
        keyless.add(entry);
      }
    }
    List<NodeTuple> all = new ArrayList<>(keyless);
    fields.values().stream().filter(field -> metadata || !isNothing(field)).forEach(all::add);
    return like(mapping, all);
  }

  /** A later field replaces an earlier one; of two mappings, only what both have. */
  private void put(NodeTuple field, Map<String, NodeTuple> fields) {
    String key = ((ScalarNode) field.getKeyNode()).getValue();
    NodeTuple before = fields.get(key);
    if (!metadata
        && before != null
        && before.getValueNode() instanceof MappingNode first
        && field.getValueNode() instanceof MappingNode then) {
      Map<String, NodeTuple> both = new LinkedHashMap<>();
      first.getValue().forEach(one -> putNamed(one, both));
      then.getValue().forEach(one -> putNamed(one, both));
      fields.put(key, new NodeTuple(field.getKeyNode(), like(then, List.copyOf(both.values()))));
    } else {
      fields.put(key, field);
    }
  }

  private void putNamed(NodeTuple field, Map<String, NodeTuple> fields) {
    if (field.getKeyNode() instanceof ScalarNode) {
      put(field, fields);
    }
  }

  private static MappingNode like(MappingNode mapping, List<NodeTuple> fields) {
    return new MappingNode(
        mapping.getTag(),
        /* resolved= */ true,
        fields,
        mapping.getFlowStyle(),
        mapping.getStartMark(),
        mapping.getEndMark());
  }

  private static boolean isMerge(Node key) {
    return key instanceof ScalarNode scalar && scalar.isPlain() && scalar.getValue().equals(MERGE);
  }

  private static boolean isNothing(NodeTuple field) {
    return field.getValueNode() instanceof ScalarNode scalar
        && scalar.isPlain()
        && GoScalar.isNothing(scalar.getValue());
  }

  /** Of several sources the first counts; all of them replace what was given before. */
  private void merge(NodeTuple entry, Set<String> own, Map<String, NodeTuple> fields) {
    Node from = entry.getValueNode();
    List<Node> sources = from instanceof SequenceNode list ? list.getValue() : List.of(from);
    for (int i = sources.size() - 1; i >= 0; i--) {
      if (!(node(sources.get(i)) instanceof MappingNode mapping)) {
        problems.add(
            sources.get(i),
            "<< is %s; use an alias of a mapping: *name".formatted(Fields.kind(sources.get(i))));
        continue;
      }
      for (NodeTuple field : mapping.getValue()) {
        if (field.getKeyNode() instanceof ScalarNode key) {
          if (own.contains(key.getValue())) {
            problems.warn(
                entry.getKeyNode(),
                "<< comes after %s, and replaces it; put << first if what is given here shall count"
                    .formatted(key.getValue()));
          }
          put(field, fields);
        }
      }
    }
  }

  private Node value(NodeTuple entry) {
    Node value = entry.getValueNode();
    if (!(entry.getKeyNode() instanceof ScalarNode key)) {
      return node(value);
    }
    if (!metadata && key.getValue().equals(METADATA)) {
      return new EnvoyYaml(/* metadata= */ true, problems).node(value);
    }
    return !metadata
            && FLAGS.contains(key.getValue())
            && value instanceof ScalarNode scalar
            && scalar.isPlain()
        ? flag(scalar)
        : node(value);
  }

  private static Node flag(ScalarNode scalar) {
    return GoScalar.flag(scalar.getValue())
        .<Node>map(
            yes ->
                new ScalarNode(
                    Tag.BOOL,
                    /* resolved= */ true,
                    yes ? "true" : "false",
                    scalar.getScalarStyle(),
                    scalar.getStartMark(),
                    scalar.getEndMark()))
        .orElse(scalar);
  }
}
