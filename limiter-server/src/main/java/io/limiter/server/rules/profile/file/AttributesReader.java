package io.limiter.server.rules.profile.file;

import io.limiter.server.rules.Suggestion;
import io.limiter.server.rules.profile.AttributeSource;
import io.limiter.server.rules.profile.Reading;
import io.limiter.server.rules.syntax.Syntax;
import io.limiter.server.rules.yaml.BadValueException;
import io.limiter.server.rules.yaml.Fields;
import io.limiter.server.rules.yaml.Located;
import io.limiter.server.rules.yaml.Problems;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/** Reads the field {@code attributes} of a profile. */
final class AttributesReader {
  /** The sources that need nothing more. */
  static final Map<String, AttributeSource> WORDS = words();

  static final List<String> FIELDS =
      List.of("header", "client-address", "path-segment", "query", "value", "default");
  static final List<String> PREFIX_FIELDS = List.of("v4", "v6");

  /** The most attributes of a profile, as of any request. */
  static final int MOST = 64;

  /** The last segment of a path that may be asked for. */
  static final int MOST_SEGMENTS = 100;

  /** The longest constant, in characters. */
  static final int LONGEST_TEXT = 1_024;

  private static final int LONGEST_PARAMETER = 256;

  /** Anybody may write into them. */
  private static final Set<String> FORGEABLE = Set.of("x-forwarded-for", "forwarded");

  private final Problems problems;

  private AttributesReader(Problems problems) {
    this.problems = problems;
  }

  private static Map<String, AttributeSource> words() {
    Map<String, AttributeSource> words = new LinkedHashMap<>();
    words.put("client-address", AttributeSource.Client.WHOLE);
    words.put("method", new AttributeSource.Method());
    words.put("host", new AttributeSource.Host());
    words.put("path", new AttributeSource.Path());
    words.put("method-and-path", new AttributeSource.MethodAndPath());
    return words;
  }

  static List<Reading.Attribute> read(Fields profile, Problems problems) {
    profile.missing("attributes", "say what a request is described by, or {} for nothing");
    return profile
        .mapping("attributes", "a mapping, such as { ip: client-address }")
        .map(new AttributesReader(problems)::read)
        .orElse(List.of());
  }

  private List<Reading.Attribute> read(MappingNode mapping) {
    List<Reading.Attribute> attributes = new ArrayList<>();
    if (mapping.getValue().size() > MOST) {
      problems.add(
          mapping,
          "attributes has %d entries; use at most %d".formatted(mapping.getValue().size(), MOST));
      return attributes;
    }
    Set<String> left = Fields.entries(mapping, problems).keySet();
    for (NodeTuple entry : mapping.getValue()) {
      if (entry.getKeyNode() instanceof ScalarNode key && left.remove(key.getValue())) {
        Fields.parsed(key, name -> Syntax.attribute("attributes", name), problems);
        Reading.Attribute attribute = attribute(key.getValue(), entry.getValueNode());
        if (attribute != null) {
          attributes.add(attribute);
        }
      }
    }
    return attributes;
  }

  private Reading.@Nullable Attribute attribute(String name, Node node) {
    if (node instanceof MappingNode mapping) {
      return attribute(name, mapping);
    }
    if (!(node instanceof ScalarNode word)) {
      problems.add(
          node,
          "attribute %s is %s; use a source, such as client-address or { header: X-User }"
              .formatted(name, Fields.kind(node)));
      return null;
    }
    AttributeSource source = WORDS.get(word.getValue());
    if (source == null) {
      problems.add(word, unknown(name, word.getValue()));
      return null;
    }
    return new Reading.Attribute(name, source, null);
  }

  private static String unknown(String name, String word) {
    return "attribute %s has an unknown source \"%s\"; %s"
        .formatted(
            name,
            word,
            Suggestion.nearest(word, WORDS.keySet())
                .map("did you mean %s?"::formatted)
                .orElse(
                    "use %s, or { header: NAME } or the like"
                        .formatted(String.join(", ", WORDS.keySet()))));
  }

  private Reading.@Nullable Attribute attribute(String name, MappingNode mapping) {
    Fields fields = new Fields(mapping, FIELDS, problems);
    List<String> given =
        FIELDS.stream()
            .filter(field -> !field.equals("default") && fields.get(field).isPresent())
            .toList();
    if (given.size() != 1) {
      if (fields.sound()) {
        problems.add(
            mapping,
            "attribute %s has %s; use one of header, client-address, path-segment, query or value"
                .formatted(name, given.isEmpty() ? "no source" : String.join(" and ", given)));
      }
      return null;
    }
    String kind = given.get(0);
    Optional<Located<String>> otherwise = fields.read("default", text -> constant("default", text));
    if (kind.equals("value") || kind.equals("client-address")) {
      fields
          .get("default")
          .ifPresent(
              at -> problems.add(at, "default is never used beside %s; remove it".formatted(kind)));
    }
    Optional<? extends AttributeSource> source = source(kind, fields);
    return source.isEmpty()
        ? null
        : new Reading.Attribute(name, source.get(), otherwise.map(Located::value).orElse(null));
  }

  private Optional<? extends AttributeSource> source(String kind, Fields fields) {
    return switch (kind) {
      case "header" -> {
        Optional<Located<String>> header =
            fields.read("header", text -> ProfileReader.header("header", text));
        header
            .filter(found -> FORGEABLE.contains(found.value().toLowerCase(Locale.ROOT)))
            .ifPresent(
                found ->
                    problems.warn(
                        found.at(),
                        "%s begins with what the caller likes; use client-address"
                            .formatted(found.value())));
        yield header.map(found -> new AttributeSource.Header(found.value()));
      }
      case "client-address" -> prefixes(fields);
      case "path-segment" ->
          fields
              .read("path-segment", AttributesReader::segment)
              .map(number -> new AttributeSource.Segment(number.value()));
      case "query" ->
          fields
              .read("query", AttributesReader::parameter)
              .map(found -> new AttributeSource.Query(found.value()));
      default ->
          fields
              .read("value", text -> constant("value", text))
              .map(text -> new AttributeSource.Value(text.value()));
    };
  }

  private Optional<AttributeSource.Client> prefixes(Fields fields) {
    return fields
        .mapping("client-address", "a mapping, such as { v4: 24, v6: 48 }")
        .map(
            mapping -> {
              Fields own = new Fields(mapping, PREFIX_FIELDS, problems);
              int v4 = own.readOr("v4", text -> Syntax.bits("v4", text, 32), 32);
              int v6 = own.readOr("v6", text -> Syntax.bits("v6", text, 128), 128);
              return new AttributeSource.Client(v4, v6);
            });
  }

  private static int segment(String text) {
    long number = Syntax.count("path-segment", text);
    if (number < 1 || number > MOST_SEGMENTS) {
      throw new BadValueException(
          "path-segment %s is out of range; use 1 to %d, the first of which is 1"
              .formatted(text, MOST_SEGMENTS));
    }
    return (int) number;
  }

  private static String parameter(String text) {
    if (text.isEmpty() || text.length() > LONGEST_PARAMETER) {
      throw new BadValueException(
          "query has %d characters; use 1 to %d, the name of a parameter"
              .formatted(text.length(), LONGEST_PARAMETER));
    }
    return text;
  }

  private static String constant(String field, String text) {
    if (text.isEmpty() || text.length() > LONGEST_TEXT) {
      throw new BadValueException(
          "%s has %d characters; use 1 to %d".formatted(field, text.length(), LONGEST_TEXT));
    }
    return text;
  }
}
