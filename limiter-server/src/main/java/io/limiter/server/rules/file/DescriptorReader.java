package io.limiter.server.rules.file;

import io.limiter.server.rules.DescriptorTerms;
import io.limiter.server.rules.RatePeriod;
import io.limiter.server.rules.RateUnit;
import io.limiter.server.rules.Rule;
import io.limiter.server.rules.Suggestion;
import io.limiter.server.rules.index.WildcardIndex;
import io.limiter.server.rules.syntax.Syntax;
import io.limiter.server.rules.table.DescriptorLimit;
import io.limiter.server.rules.table.DescriptorNode;
import io.limiter.server.rules.yaml.BadValueException;
import io.limiter.server.rules.yaml.Fields;
import io.limiter.server.rules.yaml.Located;
import io.limiter.server.rules.yaml.Plain;
import io.limiter.server.rules.yaml.Problems;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/** Reads the descriptors of an Envoy configuration. What Envoy's service refuses is a problem. */
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
      List.of(
          "unit",
          "requests_per_unit",
          "unit_multiplier",
          "unlimited",
          "name",
          "replaces",
          "metadata");
  static final List<String> REPLACES_FIELDS = List.of("name");

  /** What Envoy's service knows anywhere, it accepts everywhere. */
  static final List<String> THEIRS =
      Stream.of(
              List.of("domain"),
              FIELDS,
              LIMIT_FIELDS.stream().filter(field -> !field.equals("unit_multiplier")).toList())
          .flatMap(List::stream)
          .distinct()
          .toList();

  static final Map<String, RateUnit> UNITS =
      Syntax.words(RateUnit.values(), unit -> unit.name().toLowerCase(Locale.ROOT));
  private static final String LIST = "a list of descriptors, each with key";

  private final Problems problems;

  DescriptorReader(Problems problems) {
    this.problems = problems;
  }

  /** The descriptors of a domain. */
  DescriptorNode read(Fields domain) {
    return DescriptorNode.top(children(domain, /* above= */ ""));
  }

  /**
   * The field {@code descriptors}.
   *
   * @param above how metrics name the way to here, with a dot at its end; empty at the top
   */
  private List<DescriptorNode> children(Fields fields, String above) {
    List<DescriptorNode> children = new ArrayList<>();
    Map<String, Node> seen = new LinkedHashMap<>();
    for (Node node : fields.list("descriptors", LIST)) {
      if (node instanceof MappingNode mapping) {
        children.add(child(new Fields(mapping, FIELDS, THEIRS, problems), above, seen));
      } else {
        problems.add(
            node, "a descriptor is %s; use a mapping with key".formatted(Fields.kind(node)));
      }
    }
    seen.entrySet().stream()
        .filter(descriptor -> WildcardIndex.searches(descriptor.getKey()))
        .skip(WhenReader.MOST_SEARCHING)
        .findFirst()
        .ifPresent(
            descriptor ->
                problems.add(
                    descriptor.getValue(),
                    "more than %d descriptors beside each other search a value for a text between two *; use fewer of them, or several domains"
                        .formatted(WhenReader.MOST_SEARCHING)));
    return children;
  }

  private DescriptorNode child(Fields fields, String above, Map<String, Node> seen) {
    String composite = composite(fields);
    boolean shared = fields.flag("share_threshold");
    if (shared && composite.indexOf('*') < 0) {
      fields
          .get("share_threshold")
          .ifPresent(
              share ->
                  problems.add(
                      share,
                      "share_threshold needs a wildcard, but \"%s\" has no *; put a * into the value, or remove it"
                          .formatted(composite)));
    }
    Node before = seen.putIfAbsent(composite, fields.at());
    if (before != null && !composite.isEmpty()) {
      problems.add(
          fields.at(),
          "descriptor \"%s\" is given twice, first on line %d; key and value are joined by _: remove or rename one"
              .formatted(composite, Fields.line(before)));
    }
    String name = above + composite;
    return new DescriptorNode(
        composite,
        Fields.line(fields.at()),
        fields.flag("value_to_metric"),
        shared,
        limit(fields, name),
        children(fields, name + '.'));
  }

  private String composite(Fields fields) {
    String key = text(fields, "key");
    fields.missing("key", "give the descriptor the key of the entries that it is for");
    Node given = fields.get("key").orElse(null);
    if (key.isEmpty() && given instanceof ScalarNode) {
      problems.add(given, "key is empty; give the descriptor the key of the entries it is for");
    }
    String value = text(fields, "value");
    return value.isEmpty() ? key : key + '_' + value;
  }

  private DescriptorLimit limit(Fields descriptor, String metricName) {
    boolean shadow = descriptor.flag("shadow_mode");
    boolean quota = descriptor.flag("quota_mode");
    Rule.Mode mode = shadow ? Rule.Mode.SHADOW : quota ? Rule.Mode.QUOTA : Rule.Mode.ENFORCE;
    boolean detailed = descriptor.flag("detailed_metric");
    Map<String, Object> metadata = metadata(descriptor);
    return descriptor
        .mapping("rate_limit", "a mapping, such as { unit: minute, requests_per_unit: 10 }")
        .map(mapping -> limit(mapping, metricName, mode, quota, detailed, metadata))
        .orElse(new DescriptorLimit.None());
  }

  /** Where something is wrong the limit does not matter: a file with problems is not used. */
  private DescriptorLimit limit(
      MappingNode mapping,
      String metricName,
      Rule.Mode mode,
      boolean quota,
      boolean detailed,
      Map<String, Object> outer) {
    Fields fields = new Fields(mapping, LIMIT_FIELDS, THEIRS, problems);
    boolean unlimited = fields.flag("unlimited");
    Optional<Located<RateUnit>> unit = unlimited ? Optional.empty() : unit(fields);
    long requests =
        fields.readOr(
            "requests_per_unit", text -> UnsignedInt.parse("requests_per_unit", text), 0L);
    long multiplier = fields.readOr("unit_multiplier", DescriptorReader::multiplier, 1L);
    String name = text(fields, "name");
    Map<String, Object> own = metadata(fields);
    Set<String> replaces = replaces(fields, name);
    if (unlimited) {
      unitOfUnlimited(fields);
      return new DescriptorLimit.Unlimited(replaces);
    }
    if (unit.isEmpty() || !fits(fields, unit.get().value(), multiplier)) {
      return new DescriptorLimit.None();
    }
    RatePeriod period = new RatePeriod(unit.get().value(), multiplier);
    return new DescriptorLimit.PerUnit(
        Rule.perUnit(metricName, period, requests, mode),
        new DescriptorTerms(period, requests, name, quota, own.isEmpty() ? outer : own),
        replaces,
        detailed);
  }

  private static Optional<Located<RateUnit>> unit(Fields limit) {
    Optional<Located<RateUnit>> unit = limit.read("unit", DescriptorReader::unit);
    limit.missing("unit", "use " + Suggestion.oneOf(UNITS.keySet()));
    return unit;
  }

  /** A unit that is none does not matter there. */
  private void unitOfUnlimited(Fields limit) {
    Node unit = limit.get("unit").orElse(null);
    if (unit instanceof ScalarNode scalar) {
      if (UNITS.containsKey(scalar.getValue().toLowerCase(Locale.ROOT))) {
        problems.add(unit, "unit does not belong to unlimited: true; remove one of them");
      } else {
        problems.warn(unit, "unit means nothing beside unlimited: true and is ignored; remove it");
      }
    }
  }

  private boolean fits(Fields limit, RateUnit unit, long multiplier) {
    long most = RatePeriod.most(unit);
    if (multiplier <= most) {
      return true;
    }
    problems.add(
        limit.get("unit_multiplier").orElse(limit.at()),
        "unit_multiplier %d is out of range; use 1 to %d for %s"
            .formatted(multiplier, most, unit.name().toLowerCase(Locale.ROOT)));
    return false;
  }

  private static long multiplier(String text) {
    long multiplier = UnsignedInt.parse("unit_multiplier", text);
    if (multiplier == 0) {
      throw new BadValueException("unit_multiplier 0 makes no window; use 1 or more");
    }
    return multiplier;
  }

  private Set<String> replaces(Fields limit, String ownName) {
    Set<String> names = new HashSet<>();
    for (Node node : limit.list("replaces", "a list of names, such as [{ name: other }]")) {
      if (!(node instanceof MappingNode mapping)) {
        problems.add(
            node, "replaces has %s in it; use { name: other }".formatted(Fields.kind(node)));
        continue;
      }
      Fields fields = new Fields(mapping, REPLACES_FIELDS, THEIRS, problems);
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
    return fields
        .mapping("metadata", "a mapping")
        .map(mapping -> Plain.mapping(mapping, problems))
        .orElse(Map.of());
  }

  /** A text; empty when it is not there, and when nothing is written after its name. */
  private static String text(Fields fields, String field) {
    Node node = fields.get(field).orElse(null);
    return node instanceof ScalarNode scalar && Fields.isNothing(scalar)
        ? ""
        : fields.readOr(field, text -> text, "");
  }

  private static RateUnit unit(String text) {
    RateUnit unit = UNITS.get(text.toLowerCase(Locale.ROOT));
    if (unit == null) {
      throw new BadValueException(
          "unit \"%s\" is unknown; %s".formatted(text, Suggestion.meant(text, UNITS.keySet())));
    }
    return unit;
  }
}
