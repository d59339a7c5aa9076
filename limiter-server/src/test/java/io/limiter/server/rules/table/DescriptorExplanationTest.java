package io.limiter.server.rules.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.limiter.server.rules.Descriptor;
import io.limiter.server.rules.DescriptorMatch;
import io.limiter.server.rules.Explanation;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class DescriptorExplanationTest {
  private static final RuleTable TABLE =
      ExplanationTest.table(
          """
          domain: mesh
          charge-on-deny: true
          descriptors:
            - key: path
              value: /api*
              rate_limit: { unit: minute, requests_per_unit: 10 }
              descriptors:
                - key: user
                  rate_limit: { unit: second, requests_per_unit: 1 }
                - key: user
                  value: root
            - key: path
            - key: plan
              value: gold
              rate_limit: { unlimited: true }
          """);

  private static final String API = "descriptor \"path_/api*\" (line 4)";
  private static final String MEETS_API = "\"path=/api/x\" meets %s, by a wildcard".formatted(API);
  private static final String COUNTED = "charge-on-deny: what is denied is counted too";

  static List<Arguments> walks() {
    return List.of(
        walk(4, "path_/api*", List.of("path=/api/x"), MEETS_API, API + " limits it", COUNTED),
        walk(
            8,
            "path_/api*.user",
            List.of("path=/api/x", "user=bob"),
            MEETS_API,
            "\"user=bob\" meets descriptor \"user\" (line 8), by its key alone",
            "descriptor \"user\" (line 8) limits it",
            COUNTED),
        walk(
            10,
            "",
            List.of("path=/api/x", "user=root"),
            MEETS_API,
            "\"user=root\" meets descriptor \"user_root\" (line 10), by key and value",
            "this is the last entry, and descriptor \"user_root\" (line 10) has no rate_limit",
            COUNTED),
        walk(
            4,
            "",
            List.of("path=/api/x", "ip=::1"),
            MEETS_API,
            "\"ip=::1\" meets nothing below %s; the walk ends".formatted(API)),
        walk(
            12,
            "",
            List.of("path=/", "user=bob"),
            "\"path=/\" meets descriptor \"path\" (line 12), by its key alone",
            "\"user=bob\" meets nothing: descriptor \"path\" (line 12) has nothing below it;"
                + " the walk ends"),
        walk(1, "", List.of("ip=::1"), "\"ip=::1\" meets nothing at the top; the walk ends"),
        walk(
            13,
            "",
            List.of("plan=gold"),
            "\"plan=gold\" meets descriptor \"plan_gold\" (line 13), by key and value",
            "descriptor \"plan_gold\" (line 13) says unlimited: true",
            COUNTED),
        walk(1, "", List.of(), "there are no entries, so there is nothing to meet", COUNTED));
  }

  private static Arguments walk(int line, String limit, List<String> entries, String... steps) {
    return Arguments.of(line, limit, entries, List.of(steps));
  }

  @ParameterizedTest
  @MethodSource("walks")
  void everyEntry_saysWhatItMet_andTheLastWhyTheWalkEnded(
      int line, String limit, List<String> texts, List<String> steps) {
    List<Descriptor.Entry> entries = new ArrayList<>();
    for (String text : texts) {
      int equals = text.indexOf('=');
      entries.add(new Descriptor.Entry(text.substring(0, equals), text.substring(equals + 1)));
    }
    Explanation.OfDescriptors explained =
        assertInstanceOf(Explanation.OfDescriptors.class, TABLE.domain("mesh").explain(entries));
    assertEquals("edge.yaml", explained.file());
    assertEquals(line, explained.line());
    assertEquals(steps, explained.steps());
    assertEquals(
        limit,
        explained.match() instanceof DescriptorMatch.Limited limited ? limited.rule().name() : "");
    DescriptorRules rules = assertInstanceOf(DescriptorRules.class, TABLE.domain("mesh"));
    assertEquals(rules.match(List.of(new Descriptor(entries, null))).get(0), explained.match());
  }
}
