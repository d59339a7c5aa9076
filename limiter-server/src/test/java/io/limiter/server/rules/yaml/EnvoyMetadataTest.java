package io.limiter.server.rules.yaml;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.limiter.server.rules.table.EnvoyConfig;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Metadata means what the YAML library of envoyproxy/ratelimit makes of it. */
class EnvoyMetadataTest {

  private static Map<String, Object> metadata(String yaml) {
    return EnvoyConfig.descriptors(
            "- { key: a, metadata: %s, rate_limit: { unit: day } }\n".formatted(yaml))
        .limited("a=1")
        .terms()
        .metadata();
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "yes, true",
        "Off, false",
        "y, true",
        "N, false",
        "truE, text truE",
        "'yes', text yes",
        "~, null",
        "null, null",
        "NULL, null",
        "nUll, text nUll",
        "0x1F, 31.0",
        "-0x1F, -31.0",
        "010, 8.0",
        "0o10, 8.0",
        "0b101, 5.0",
        "08, 8.0",
        "1_000, 1000.0",
        "_1, text _1",
        "+7, 7.0",
        "1.5, 1.5",
        ".5, 0.5",
        "1e3, text 1e3",
        "1e+3, 1000.0",
        ".5e3, 500.0",
        "1., text 1.",
        "1e+999, text 1e+999",
        "18446744073709551615, 1.8446744073709552E19",
        "0xffffffffffffffffff, text 0xffffffffffffffffff",
        ".inf, Infinity",
        "-.Inf, -Infinity",
        "+.INF, Infinity",
        ".nan, NaN",
        "2026-01-02, text 2026-01-02",
        "2026-01-02T03:04:05Z, text 2026-01-02T03:04:05Z",
        "1:30, text 1:30",
        "1.2.3, text 1.2.3",
        "\"0x1F\", text 0x1F",
        "!own 5, text 5"
      })
  void aScalar_isWhatTheyReadItAs(String scalar, String expected) {
    assertEquals(
        expected, shown(metadata("{ x: %s }".formatted(scalar)).values().iterator().next()));
  }

  private static String shown(Object value) {
    return value instanceof Optional<?>
        ? "null"
        : value instanceof String ? "text " + value : "" + value;
  }

  @Test
  void keysOfTheFirstLevel_areTexts_andThoseBelowAreReadAsValues() {
    assertEquals(
        Map.of("0x10", Map.of("16", "a", "true", "b", "<nil>", "c", "x", "d")),
        metadata("{ 0x10: { 0x10: a, yes: b, ~: c, x: d } }"));
  }

  @Test
  void nothing_isAValueToo() {
    assertEquals(
        Map.of("a", Optional.empty(), "list", Arrays.asList(Optional.empty(), "x")),
        metadata("{ a: , list: [~, x] }"));
    assertEquals(Map.of(), metadata("~"));
  }

  @Test
  void aliasesAndMerges_areFollowed_alsoWhereFlagsHaveTheSameNames() {
    EnvoyConfig config =
        EnvoyConfig.descriptors(
            """
            - key: a
              metadata: &m { shadow_mode: "on", unlimited: yes }
              rate_limit: { unit: day }
            - { key: b, metadata: { <<: *m, more: [*m] }, rate_limit: { unit: day } }
            """);
    Map<String, Object> m = Map.of("shadow_mode", "on", "unlimited", true);
    assertEquals(m, config.limited("a=1").terms().metadata());
    assertEquals(
        Map.of("shadow_mode", "on", "unlimited", true, "more", List.of(m)),
        config.limited("b=1").terms().metadata());
  }
}
