package io.limiter.server.rules.file;

import io.limiter.server.rules.RateUnit;
import io.limiter.server.rules.Rule;
import io.limiter.server.rules.Suggestion;
import io.limiter.server.rules.table.DescriptorLimit;
import io.limiter.server.rules.table.DescriptorNode;
import io.limiter.server.rules.yaml.BadValueException;
import io.limiter.server.rules.yaml.Fields;
import io.limiter.server.rules.yaml.Given;
import io.limiter.server.rules.yaml.Plain;
import io.limiter.server.rules.yaml.Problems;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/** Reads the descriptors of an Envoy configuration. What that service refuses is a problem here. */
final class DescriptorReader {
  static final List<String> FIELDS =
      List.of(
          "key",
          "value",
          "rate_limit",
          "descriptors",
          "shadow_mode",
          "quota_mode",
          "detailed_metric",
          "value_to_metric",
          "share_threshold",
          "metadata");
  static final List<String> LIMIT_FIELDS =
      List.of("unit", "requests_per_unit", "unlimited", "name", "replaces", "metadata");
  static final List<String> REPLACES_FIELDS = List.of("name");
  static final Map<String, RateUnit> UNITS = units();
  private static final String LIST = "a list of descriptors, each with key";

  private final Problems problems;

  DescriptorReader(Problems problems) {
    this.problems = problems;
  }

  /** Reads the field {@code descriptors} into {@code parent}. */
  void read(Fields fields, DescriptorNode parent) {
    Map<String, Node> seen = new LinkedHashMap<>();
    for (Node node : fields.list("descriptors", LIST)) {
      if (node instanceof MappingNode mapping) {
        read(new Fields(mapping, FIELDS, problems), parent, seen);
      } else {
        problems.add(
            node, "a descriptor is %s; use a mapping with key".formatted(Fields.kind(node)));
      }
    }
  }

  private void read(Fields fields, DescriptorNode parent, Map<String, Node> seen) {
    String key = text(fields, "key");
    fields.missing("key", "give the descriptor the key of the entries that it is for");
    if (key.isEmpty() && fields.get("key") instanceof ScalarNode given) {
      problems.add(given, "key is empty; give the descriptor the key of the entries it is for");
    }
    String value = text(fields, "value");
    String composite = value.isEmpty() ? key : key + '_' + value;
    boolean shared = fields.flag("share_threshold");
    Node share = fields.get("share_threshold");
    if (shared && share != null && !composite.endsWith("*")) {
      problems.add(
          share,
          "share_threshold needs a wildcard, but \"%s\" does not end in *; end the value in *, or remove it"
              .formatted(composite));
    }
    Node before = seen.putIfAbsent(composite, fields.at());
    if (before != null && !composite.isEmpty()) {
      problems.add(
          fields.at(),
          "descriptor \"%s\" is given twice, first on line %d; key and value are joined by _: remove or rename one"
              .formatted(composite, Fields.line(before)));
    }
    DescriptorNode node =
        new DescriptorNode(
            composite,
            Fields.line(fields.at()),
            fields.flag("value_to_metric"),
            shared,
            limit(fields));
    read(fields, node);
    boolean unused = parent.add(node);
  }

  private @Nullable DescriptorLimit limit(Fields descriptor) {
    boolean shadow = descriptor.flag("shadow_mode");
    boolean quota = descriptor.flag("quota_mode");
    boolean detailed = descriptor.flag("detailed_metric");
    Map<String, Object> metadata = metadata(descriptor);
    MappingNode mapping =
        descriptor.mapping(
            "rate_limit", "a mapping, such as { unit: minute, requests_per_unit: 10 }");
    if (mapping == null) {
      return null;
    }
    Fields fields = new Fields(mapping, LIMIT_FIELDS, problems);
    boolean unlimited = fields.flag("unlimited");
    Given<RateUnit> unit = fields.read("unit", DescriptorReader::unit);
    Given<Long> requests =
        fields.read("requests_per_unit", text -> UnsignedInt.parse("requests_per_unit", text));
    if (unlimited && unit != null) {
      problems.add(unit.at(), "unit does not belong to unlimited: true; remove one of them");
    } else if (!unlimited) {
      fields.missing("unit", "use " + Suggestion.oneOf(UNITS.keySet()));
    }
    String name = text(fields, "name");
    Map<String, Object> own = metadata(fields);
    Rule.Mode mode = shadow ? Rule.Mode.SHADOW : quota ? Rule.Mode.QUOTA : Rule.Mode.ENFORCE;
    return new DescriptorLimit(
        unlimited || unit == null ? null : unit.value(),
        Given.valueOr(requests, 0L),
        name,
        replaces(fields, name),
        mode,
        detailed,
        own.isEmpty() ? metadata : own);
  }

  private Set<String> replaces(Fields limit, String ownName) {
    Set<String> names = new HashSet<>();
    for (Node node : limit.list("replaces", "a list of names, such as [{ name: other }]")) {
      if (!(node instanceof MappingNode mapping)) {
        problems.add(
            node, "replaces has %s in it; use { name: other }".formatted(Fields.kind(node)));
        continue;
      }
      Fields fields = new Fields(mapping, REPLACES_FIELDS, problems);
      String name = text(fields, "name");
      if (name.isEmpty()) {
        problems.add(node, "replaces has an empty name; name the limit that it replaces");
      } else if (name.equals(ownName)) {
        problems.add(node, "replaces names its own limit \"%s\"; name another".formatted(name));
      } else {
        names.add(name);
      }
    }
    return names;
  }

  private Map<String, Object> metadata(Fields fields) {
    MappingNode mapping = fields.mapping("metadata", "a mapping");
    return mapping == null ? Map.of() : Plain.mapping(mapping, problems);
  }

  /** A text; empty when it is not there, and when nothing is written after its name. */
  private static String text(Fields fields, String field) {
    if (fields.get(field) instanceof ScalarNode scalar && Fields.isNothing(scalar)) {
      return "";
    }
    return Given.valueOr(fields.read(field, text -> text), "");
  }

  private static RateUnit unit(String text) {
    RateUnit unit = UNITS.get(text.toLowerCase(Locale.ROOT));
    if (unit == null) {
      throw new BadValueException(
          "unit \"%s\" is unknown; use %s".formatted(text, Suggestion.oneOf(UNITS.keySet())));
    }
    return unit;
  }

  private static Map<String, RateUnit> units() {
    Map<String, RateUnit> units = new LinkedHashMap<>();
    for (RateUnit unit : RateUnit.values()) {
      units.put(unit.name().toLowerCase(Locale.ROOT), unit);
    }
    return units;
  }
}
