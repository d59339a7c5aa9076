package io.limiter.server.rules.yaml;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.resolver.ScalarResolver;

/**
 * Builds the tree of one YAML document from the events of its parser, within {@link YamlBounds}.
 * Each bound is checked before what would pass it is kept. Not recursive, so that depth costs no
 * stack. Nodes keep where they begin, and none of the parser's buffers.
 */
final class TreeBuilder {
  /** Short texts are often the same, as the names of fields are: one copy is kept. */
  private static final int LONGEST_SHARED = 32;

  private static final int MOST_SHARED = 1 << 14;
  private static final int[] NO_BUFFER = {};

  private final ScalarResolver resolver;
  private final YamlBounds.Count count;
  private final Problems problems;
  private final Map<String, Anchored> anchors = new HashMap<>();
  private final Map<String, String> shared = new HashMap<>();
  private final Deque<Open> open = new ArrayDeque<>();
  private final List<OwnTag> ownTags = new ArrayList<>();

  TreeBuilder(ScalarResolver resolver, YamlBounds.Count count, Problems problems) {
    this.resolver = resolver;
    this.count = count;
    this.problems = problems;
  }

  /** A tag that is none of YAML's, and where it stands. */
  private record OwnTag(String tag, Optional<Mark> at) {}

  /** A node, and how much a walk that follows aliases meets in it. */
  private record Built(Node node, long values, int height) {}

  /** What an anchor names: known while it is still open, built when it is closed. */
  private static final class Anchored {
    private final Optional<Mark> start;
    private @Nullable Built built;

    Anchored(Optional<Mark> start) {
      this.start = start;
    }
  }

  /** A list or mapping whose end has not come. */
  private static final class Open {
    private final Tag tag;
    private final FlowStyle style;
    private final Optional<Mark> start;
    private final @Nullable Anchored anchored;
    private final @Nullable List<Node> elements;
    private final @Nullable List<NodeTuple> fields;
    private @Nullable Node key;
    private long values = 1;
    private int height = 1;

    Open(CollectionStartEvent event, Optional<Mark> start, @Nullable Anchored anchored) {
      boolean isMapping = event instanceof MappingStartEvent;
      this.tag = tag(event.getTag()).orElse(isMapping ? Tag.MAP : Tag.SEQ);
      this.style = event.getFlowStyle();
      this.start = start;
      this.anchored = anchored;
      this.elements = isMapping ? null : new ArrayList<>(2);
      this.fields = isMapping ? new ArrayList<>(4) : null;
    }

    void add(Built part) {
      values += part.values;
      height = Math.max(height, part.height + 1);
      if (elements != null) {
        elements.add(part.node);
      } else if (key == null) {
        key = part.node;
      } else if (fields != null) {
        fields.add(new NodeTuple(key, part.node));
        key = null;
      }
    }

    Built close() {
      Node node;
      if (fields != null) {
        ((ArrayList<NodeTuple>) fields).trimToSize();
        node = new MappingNode(tag, true, fields, style, start, Optional.empty());
      } else {
        List<Node> all = elements == null ? List.of() : elements;
        node = new SequenceNode(tag, true, all, style, start, Optional.empty());
      }
      return new Built(node, values, height);
    }
  }

  /**
   * The root of the document whose first event comes next.
   *
   * @return empty after adding to the problems
   */
  Optional<Node> root(Iterator<Event> events) {
    while (true) {
      Event event = events.next();
      Built built = null;
      if (event instanceof CollectionStartEvent start) {
        if (!starts(start)) {
          return Optional.empty();
        }
      } else if (event instanceof ScalarEvent scalar) {
        built = scalar(scalar);
      } else if (event instanceof AliasEvent alias) {
        built = alias(alias);
      } else {
        Open closed = open.pop();
        built = closed.close();
        if (closed.anchored != null) {
          closed.anchored.built = built;
        }
      }
      if (built == null) {
        if (event instanceof CollectionStartEvent) {
          continue;
        }
        return Optional.empty();
      }
      Open outer = open.peek();
      if (outer == null) {
        return Optional.of(built.node);
      }
      outer.add(built);
    }
  }

  private boolean starts(CollectionStartEvent event) {
    Optional<Mark> start = compact(event.getStartMark());
    if (!count.depth(open.size() + 1, start) || !count.node(0, start)) {
      return false;
    }
    judge(event.getTag(), start);
    open.push(new Open(event, start, anchor(event, start)));
    return true;
  }

  private @Nullable Built scalar(ScalarEvent event) {
    Optional<Mark> start = compact(event.getStartMark());
    String value = event.getValue();
    if (!count.depth(open.size() + 1, start)
        || !count.scalar(value.length(), start)
        || !count.node(value.length(), start)) {
      return null;
    }
    judge(event.getTag(), start);
    Tag tag =
        tag(event.getTag())
            .orElseGet(
                () -> resolver.resolve(value, event.getImplicit().canOmitTagInPlainScalar()));
    Node node =
        new ScalarNode(tag, true, shared(value), event.getScalarStyle(), start, Optional.empty());
    Built built = new Built(node, 1, 1);
    Anchored anchored = anchor(event, start);
    if (anchored != null) {
      anchored.built = built;
    }
    return built;
  }

  private @Nullable Built alias(AliasEvent event) {
    Optional<Mark> start = event.getStartMark();
    String name = event.getAlias().getValue();
    Anchored anchored = anchors.get(name);
    if (anchored == null) {
      problems.add(
          start,
          "not YAML: found undefined alias %s; a text that starts with * must be quoted"
              .formatted(name));
      return null;
    }
    Built built = anchored.built;
    if (built == null) {
      // It stands within what it names, so it has no end.
      count.depth(Integer.MAX_VALUE, anchored.start);
      return null;
    }
    return count.depth(open.size() + built.height, start) && count.alias(built.values, start)
        ? built
        : null;
  }

  private @Nullable Anchored anchor(NodeEvent event, Optional<Mark> start) {
    if (event.getAnchor().isEmpty()) {
      return null;
    }
    Anchored anchored = new Anchored(start);
    anchors.put(event.getAnchor().get().getValue(), anchored);
    return anchored;
  }

  private void judge(Optional<String> tag, Optional<Mark> at) {
    if (tag.isPresent()
        && tag(tag).isPresent()
        && !tag.get().startsWith(Tag.PREFIX)
        && ownTags.size() < Problems.MOST) {
      ownTags.add(new OwnTag(tag.get(), at));
    }
  }

  /** Warns of tags that mean nothing, or adds them to the problems. */
  void judgeTags(boolean tolerant) {
    for (OwnTag own : ownTags) {
      if (tolerant) {
        problems.warn(own.at, "tag %s means nothing and is ignored; remove it".formatted(own.tag));
      } else {
        problems.add(
            own.at,
            "tag %s means nothing here; a text that starts with ! must be quoted: \"%s\""
                .formatted(own.tag, own.tag));
      }
    }
  }

  /** The tag that a file gives; empty where the value says it. */
  private static Optional<Tag> tag(Optional<String> given) {
    return given.filter(tag -> !tag.equals("!")).map(Tag::new);
  }

  private String shared(String value) {
    if (value.length() > LONGEST_SHARED) {
      return value;
    }
    String known = shared.get(value);
    if (known == null && shared.size() < MOST_SHARED) {
      shared.put(value, value);
    }
    return known == null ? value : known;
  }

  /** A place without the parser's buffer, which would keep the whole text. */
  private static Optional<Mark> compact(Optional<Mark> mark) {
    return mark.map(at -> new Mark("", at.getIndex(), at.getLine(), at.getColumn(), NO_BUFFER, 0));
  }
}
