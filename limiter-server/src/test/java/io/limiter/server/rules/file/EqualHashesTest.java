package io.limiter.server.rules.file;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.limiter.server.key.CollidingTexts;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Files whose names are equal in {@link String#hashCode} are read like others. A table that compares
 * each with all takes minutes, and others seconds: the timeout tells them apart.
 */
@Timeout(120)
class EqualHashesTest {
  private static final int COUNT = 1 << 16;

  private enum Place {
    RULE_NAMES("rules", "{ name: %1$s, algorithm: fixed-window, limit: 1, window: 1s }"),
    KEYS("rules", rule("key: [%1$s]")),
    ATTRIBUTES("rules", rule("when: { %1$s: a }")),
    VALUES("rules", rule("when: { a: %1$s }")),
    GLOBS("rules", rule("when: { a: \"%1$s*\" }")),
    ENDS("rules", rule("when: { a: \"*%1$s\" }")),
    MIDDLES("rules", rule("when: { a: \"*%1$s*\" }")),
    UNWANTED("rules", rule("when: { a: \"!%1$s\" }")),
    DESCRIPTORS("descriptors", descriptor("a", "%1$s")),
    DESCRIPTOR_KEYS("descriptors", descriptor("%1$s", "a")),
    WILDCARDS("descriptors", descriptor("a", "%1$s*")),
    UNKNOWN_FIELDS("rules", "{ name: %1$s, %1$s: x }");

    private final String list;
    private final String element;

    Place(String list, String element) {
      this.list = list;
      this.element = element;
    }

    private static String rule(String field) {
      return "{ name: %1$s, " + field + ", algorithm: fixed-window, limit: 1, window: 1s }";
    }

    private static String descriptor(String key, String value) {
      return "{ key: " + key + ", value: \"" + value + "\", rate_limit: { unit: day } }";
    }

    private String file(List<String> texts) {
      return texts.stream()
          .map(text -> "- " + element.replace("%1$s", text))
          .collect(Collectors.joining("\n", "domain: d\n" + list + ":\n", "\n"));
    }
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void textsOfOneHash_areReadInTheEnd(Place place) {
    String file = place.file(CollidingTexts.of(COUNT));
    LoadedRules loaded = RuleFiles.load(List.of(new RuleFiles.Source("f.yaml", file)));
    assertEquals(
        place != Place.UNKNOWN_FIELDS,
        loaded.problems().isEmpty(),
        () -> loaded.problems().toString());
  }
}
