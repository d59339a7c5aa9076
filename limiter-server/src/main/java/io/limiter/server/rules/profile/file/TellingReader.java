package io.limiter.server.rules.profile.file;

import io.limiter.server.header.HeaderChoice;
import io.limiter.server.header.HeaderGroup;
import io.limiter.server.header.HeaderNames;
import io.limiter.server.rules.DenialKind;
import io.limiter.server.rules.Suggestion;
import io.limiter.server.rules.profile.OnDenial;
import io.limiter.server.rules.profile.OnNoDecision;
import io.limiter.server.rules.profile.Telling;
import io.limiter.server.rules.syntax.Syntax;
import io.limiter.server.rules.yaml.BadValueException;
import io.limiter.server.rules.yaml.Fields;
import io.limiter.server.rules.yaml.Located;
import io.limiter.server.rules.yaml.Problems;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/** Reads what a profile says of answers. */
final class TellingReader {
  static final String GATEWAY_STATUS = "gateway-status";
  static final List<String> DENIAL_FIELDS =
      Stream.concat(
              Arrays.stream(DenialKind.values()).map(DenialKind::word), Stream.of(GATEWAY_STATUS))
          .toList();
  static final List<String> HEADER_FIELDS =
      List.of("groups", "retry-after", "reset", "names", "when-admitted");

  static final Map<String, HeaderChoice.RetryAfter> RETRY_AFTER =
      Syntax.words(HeaderChoice.RetryAfter.values(), one -> one.name().toLowerCase(Locale.ROOT));
  static final Map<String, HeaderChoice.Reset> RESET =
      Syntax.words(HeaderChoice.Reset.values(), one -> one.name().toLowerCase(Locale.ROOT));

  private static final int NAMES = 3;
  private static final int LEAST_STATUS = 400;
  private static final int MOST_STATUS = 599;

  private TellingReader() {}

  static Telling read(Fields profile, Problems problems) {
    OnDenial onDenial =
        profile
            .mapping("on-denial", "a mapping, such as { quota: 403 }")
            .map(mapping -> onDenial(mapping, problems))
            .orElse(OnDenial.DEFAULT);
    OnNoDecision onNoDecision =
        profile
            .choice("on-no-decision", OnNoDecision.BY_WORD)
            .map(Located::value)
            .orElse(OnNoDecision.ERROR);
    Optional<Fields> headers =
        profile
            .mapping("headers", "a mapping, such as { retry-after: date }")
            .map(mapping -> new Fields(mapping, HEADER_FIELDS, problems));
    return new Telling(
        onDenial,
        onNoDecision,
        headers.map(own -> headers(own, problems)).orElse(Telling.DEFAULT_HEADERS),
        headers.filter(own -> own.get("when-admitted").isPresent()).isEmpty()
            || headers.get().flag("when-admitted"));
  }

  private static OnDenial onDenial(MappingNode mapping, Problems problems) {
    Fields fields = new Fields(mapping, DENIAL_FIELDS, problems);
    Map<DenialKind, Integer> statuses = new EnumMap<>(DenialKind.class);
    for (DenialKind kind : DenialKind.values()) {
      fields
          .read(kind.word(), text -> status(kind.word(), text))
          .ifPresent(status -> statuses.put(kind, status.value()));
    }
    Optional<Located<Integer>> gateway =
        fields.read(GATEWAY_STATUS, text -> status(GATEWAY_STATUS, text));
    return new OnDenial(
        statuses,
        gateway.isPresent() ? OptionalInt.of(gateway.get().value()) : OptionalInt.empty());
  }

  private static int status(String field, String text) {
    long status = Syntax.count(field, text);
    if (status < LEAST_STATUS || status > MOST_STATUS) {
      throw new BadValueException(
          "%s %s is out of range; use %d to %d, such as 429 or 403"
              .formatted(field, text, LEAST_STATUS, MOST_STATUS));
    }
    return (int) status;
  }

  private static HeaderChoice headers(Fields fields, Problems problems) {
    return new HeaderChoice(
        groups(fields, problems),
        names(fields, problems),
        fields
            .choice("retry-after", RETRY_AFTER)
            .map(Located::value)
            .orElse(HeaderChoice.RetryAfter.SECONDS),
        fields.choice("reset", RESET).map(Located::value).orElse(HeaderChoice.Reset.SECONDS));
  }

  private static Set<HeaderGroup> groups(Fields fields, Problems problems) {
    if (fields.get("groups").isEmpty()) {
      return HeaderChoice.DEFAULT_GROUPS;
    }
    Set<HeaderGroup> groups = EnumSet.noneOf(HeaderGroup.class);
    for (Node node : fields.list("groups", "a list, such as [ratelimit, retry-after]")) {
      HeaderGroup group =
          node instanceof ScalarNode word ? HeaderGroup.BY_WORD.get(word.getValue()) : null;
      if (group == null) {
        String word = node instanceof ScalarNode scalar ? scalar.getValue() : Fields.kind(node);
        problems.add(
            node,
            "groups has \"%s\" in it; %s"
                .formatted(word, Suggestion.meant(word, HeaderGroup.BY_WORD.keySet())));
      } else {
        groups.add(group);
      }
    }
    return groups;
  }

  private static HeaderNames names(Fields fields, Problems problems) {
    List<Node> nodes = fields.list("names", "a list of three names");
    List<String> names =
        nodes.stream()
            .filter(node -> node instanceof ScalarNode)
            .map(node -> ((ScalarNode) node).getValue())
            .filter(HeaderNames::isName)
            .distinct()
            .toList();
    if (nodes.isEmpty() && !(fields.get("names").orElse(null) instanceof MappingNode)) {
      return HeaderNames.DEFAULTS;
    }
    if (nodes.size() != NAMES || names.size() != NAMES) {
      problems.add(
          fields.get("names").orElse(fields.at()),
          "names is not three names of headers; write those of limit, remaining and reset");
      return HeaderNames.DEFAULTS;
    }
    return new HeaderNames(names.get(0), names.get(1), names.get(2));
  }
}
