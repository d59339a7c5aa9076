package io.limiter.server.rules.file;

import io.limiter.server.rules.yaml.Problems;
import io.limiter.server.rules.yaml.YamlBounds;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * How much heap rules may take, and how much of it is taken. While files are read, the tree of one
 * file, the new table and the table in force live side by side. What would not fit is refused
 * before it is built: a full heap answers nothing and cannot even be told to end.
 *
 * <p>The figures are measured and rounded up. Half as much again is needed while the table is
 * built. Not safe to share between threads.
 */
final class TableHeap {
  /** The most that is kept for traffic, unless that is more than half of the heap. */
  private static final long LEAST_FOR_TRAFFIC = 96L << 20;

  private static final long MIB = 1 << 20;

  private static final int RULE = 710;
  private static final int OVERRIDE = 420;
  private static final int CANDIDATE = 170;

  /** A limit for each day of a month. */
  private static final int DAYS = 31 * 320;

  private static final int ATTRIBUTE = 60;

  /** An attribute that no rule before has in its key: a condition that rules share. */
  private static final int NEW_ATTRIBUTE = 700;

  private static final int CONDITION = 110;
  private static final int PATTERN = 120;
  private static final int PATTERN_CHARACTER = 6;
  private static final int GLOB = 520;
  private static final int GLOB_CHARACTER = 14;

  /** A glob with a text between two {@code *}. */
  private static final int MIDDLE_CHARACTER = 60;

  /** A glob with {@code ?} in it, which has a table of its characters. */
  private static final int JOKERS = 450;

  private static final int DESCRIPTOR = 240;
  private static final int LIMIT = 320;
  private static final int VALUE = 70;

  private final long most;
  private final long inForce;
  private long taken;

  private TableHeap(long most, long inForce) {
    this.most = most;
    this.inForce = inForce;
  }

  /** What this process has for rules beside those in force. */
  static TableHeap of(long inForceBytes) {
    long heap = Runtime.getRuntime().maxMemory();
    long traffic = Math.min(heap / 2, Math.max(heap / 4, LEAST_FOR_TRAFFIC));
    return new TableHeap(heap - traffic, inForceBytes);
  }

  /** How much is free. */
  long free() {
    return Math.max(0, most - inForce - taken);
  }

  /**
   * Why a file is not read, if it is not.
   *
   * @param before how many files of the directory were read before
   * @param bytesBefore and how many bytes of these
   */
  Optional<String> tooMuch(int before, long bytesBefore, long bytes) {
    if (before >= RuleFiles.MOST_FILES) {
      return Optional.of(
          "not read: the directory has more than %d files of rules; use at most %d"
              .formatted(RuleFiles.MOST_FILES, RuleFiles.MOST_FILES));
    }
    if (bytes > YamlBounds.MOST_BYTES) {
      return Optional.of(
          "not read: the file has %d bytes; use at most %d, or several domains"
              .formatted(bytes, YamlBounds.MOST_BYTES));
    }
    if (bytesBefore + bytes > RuleFiles.MOST_TOTAL_BYTES) {
      return Optional.of(
          "not read: the files up to this one have %d bytes together; use at most %d in a directory"
              .formatted(bytesBefore + bytes, RuleFiles.MOST_TOTAL_BYTES));
    }
    return 2 * bytes <= free()
        ? Optional.empty()
        : Optional.of(
            "not read: the file has %d bytes, and %d bytes of heap are free; start java with a larger -Xmx"
                .formatted(bytes, free()));
  }

  /** What the tree of one more file may take. */
  YamlBounds bounds(long fileBytes) {
    return new YamlBounds(Math.max(0, free() - 2 * fileBytes), inForce + taken);
  }

  /** Takes what a file's table needs; false after adding to the problems. */
  boolean take(Estimate file, Node at, Problems problems) {
    if (file.tree + file.table > free()) {
      problems.add(
          at,
          "these rules need about %d MiB of heap, and %d MiB are free beside the rules in force; remove some, or start java with -Xmx%dm or more"
              .formatted(mebibytes(file.tree + file.table), free() / MIB, enough(file)));
      return false;
    }
    taken += file.table;
    return true;
  }

  /** A heap, in MiB, that holds this file twice, and all else. */
  private long enough(Estimate file) {
    long rules = Math.max(inForce, taken + file.table) + taken + file.table + file.tree;
    return mebibytes(Math.max(rules + LEAST_FOR_TRAFFIC, rules / 3 * 4)) + 1;
  }

  private static long mebibytes(long bytes) {
    return (bytes + MIB - 1) / MIB;
  }

  /**
   * What a file needs.
   *
   * @param tree in bytes, while it is read and built
   * @param table in bytes, as long as it is in force
   */
  record Estimate(long tree, long table) {

    /** Of a domain of rules. */
    static Estimate ofRules(MappingNode root) {
      Walk walk = new Walk();
      walk.each(root, "rules", walk::rule);
      return walk.estimate(root);
    }

    /** Of a domain of descriptors. */
    static Estimate ofDescriptors(MappingNode root) {
      Walk walk = new Walk();
      walk.each(root, "descriptors", node -> walk.descriptor(node, /* above= */ 0));
      return walk.estimate(root);
    }

    /** Of a file without rules, of which so many times its tree stay in force. */
    static Estimate ofTree(MappingNode root, double times) {
      long table = (long) (times * Walk.tree(root));
      return new Estimate(Walk.tree(root) + table / 2, table);
    }
  }

  /** A walk through a tree that knows its shape, and passes over what is wrong with it. */
  private static final class Walk {
    private final Set<String> attributes = new HashSet<>();
    private long table;

    Estimate estimate(MappingNode root) {
      return new Estimate(tree(root) + table / 2, table);
    }

    private static long tree(Node node) {
      long bytes = YamlBounds.NODE_BYTES;
      if (node instanceof ScalarNode scalar) {
        bytes += scalar.getValue().length();
      } else if (node instanceof SequenceNode list) {
        for (Node element : list.getValue()) {
          bytes += tree(element);
        }
      } else if (node instanceof MappingNode mapping) {
        for (NodeTuple field : mapping.getValue()) {
          bytes += tree(field.getKeyNode()) + tree(field.getValueNode());
        }
      }
      return bytes;
    }

    void each(Node in, String field, Consumer<Node> visit) {
      if (field(in, field) instanceof SequenceNode list) {
        list.getValue().forEach(visit);
      }
    }

    private static @Nullable Node field(Node in, String name) {
      if (in instanceof MappingNode mapping) {
        for (NodeTuple field : mapping.getValue()) {
          if (field.getKeyNode() instanceof ScalarNode key && key.getValue().equals(name)) {
            return field.getValueNode();
          }
        }
      }
      return null;
    }

    private static int length(@Nullable Node node) {
      return node instanceof ScalarNode scalar ? scalar.getValue().length() : 0;
    }

    void rule(Node rule) {
      if (!(rule instanceof MappingNode)) {
        return;
      }
      table += RULE + 2L * length(field(rule, "name"));
      if (field(rule, "key") instanceof SequenceNode key) {
        for (Node attribute : key.getValue()) {
          table += ATTRIBUTE + length(attribute);
          boolean isNew =
              attribute instanceof ScalarNode scalar && attributes.add(scalar.getValue());
          table += isNew ? NEW_ATTRIBUTE : 0;
        }
      }
      table += field(rule, "candidate") == null ? 0 : CANDIDATE;
      table += days(rule, 0) + charge(rule);
      when(rule);
      each(rule, "overrides", override -> override(override, days(rule, 0)));
    }

    private static long charge(Node in) {
      Node charge = field(in, "charge");
      return charge == null ? 0 : 2 * tree(charge);
    }

    private void override(Node override, int daysOfRule) {
      if (!(override instanceof MappingNode)) {
        return;
      }
      table += OVERRIDE + (field(override, "candidate") == null ? 0 : CANDIDATE);
      table += days(override, daysOfRule) + charge(override);
      when(override);
    }

    /** What a rule or an override takes for days that requests name. */
    private static int days(Node in, int otherwise) {
      boolean isNamed =
          field(in, "from") instanceof ScalarNode day && day.getValue().startsWith("{");
      return isNamed ? DAYS : otherwise;
    }

    private void when(Node in) {
      if (field(in, "when") instanceof MappingNode conditions) {
        for (NodeTuple condition : conditions.getValue()) {
          table += CONDITION + length(condition.getKeyNode());
          Node value = condition.getValueNode();
          if (value instanceof SequenceNode list) {
            list.getValue().forEach(this::pattern);
          } else {
            pattern(value);
          }
        }
      }
    }

    private void pattern(Node node) {
      String text = node instanceof ScalarNode scalar ? scalar.getValue() : "";
      boolean hasJokers = text.indexOf('?') >= 0;
      if (hasJokers || text.indexOf('*') >= 0) {
        boolean hasMiddle = text.indexOf('*') != text.lastIndexOf('*');
        int character = GLOB_CHARACTER + (hasMiddle ? MIDDLE_CHARACTER : 0);
        table += GLOB + (hasJokers ? JOKERS : 0) + (long) character * text.length();
      } else {
        table += PATTERN + (long) PATTERN_CHARACTER * text.length();
      }
    }

    void descriptor(Node node, int above) {
      if (!(node instanceof MappingNode)) {
        return;
      }
      int composite = length(field(node, "key")) + 1 + length(field(node, "value"));
      table += DESCRIPTOR + 2L * composite;
      if (field(node, "value") instanceof ScalarNode value && value.getValue().indexOf('*') >= 0) {
        table += GLOB + (long) GLOB_CHARACTER * composite;
      }
      Node limit = field(node, "rate_limit");
      if (limit != null) {
        table += LIMIT + 2L * (above + composite);
        metadata(field(limit, "metadata"));
        each(limit, "replaces", replaced -> table += 2 * VALUE + length(field(replaced, "name")));
      }
      metadata(field(node, "metadata"));
      each(node, "descriptors", child -> descriptor(child, above + composite + 1));
    }

    private void metadata(@Nullable Node node) {
      table += node == null ? 0 : tree(node) / YamlBounds.NODE_BYTES * VALUE + tree(node) / 4;
    }
  }
}
