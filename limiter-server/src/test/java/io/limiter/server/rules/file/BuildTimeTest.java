package io.limiter.server.rules.file;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What takes a step for each pair of patterns takes minutes, and what does not takes seconds. */
@Timeout(120)
class BuildTimeTest {
  private enum Kind {
    LONG_STARTS(4_000, i -> "\"" + i + "a".repeat(900) + "*\""),
    NESTED_STARTS(1_000, i -> "\"" + "a".repeat(i) + "b*\""),
    LONG_MIDDLES(4_000, i -> "\"*" + i + "a".repeat(900) + "*\""),
    NESTED_MIDDLES(1_000, i -> "\"*" + "a".repeat(i) + "b*\""),
    NESTED_ENDS(1_000, i -> "\"*b" + "a".repeat(i) + "\""),
    VALUES(64_000, i -> "v" + i),
    NETWORKS(64_000, i -> "10.%d.%d.%d/32".formatted(i >> 16, i >> 8 & 255, i & 255));

    private final String file;

    Kind(int count, IntFunction<String> pattern) {
      String list =
          IntStream.range(0, count)
              .mapToObj(pattern)
              .collect(Collectors.joining(", ", "[", ", \"!x\"]"));
      String rest = ", algorithm: fixed-window, limit: 1, window: 1s }\n";
      // So many rules that the index files them, under every pattern of the list.
      file =
          IntStream.range(0, 5)
              .mapToObj(
                  i ->
                      "- { name: r" + i + ", when: { a: " + (i == 0 ? list : "w" + i) + " }" + rest)
              .collect(Collectors.joining("", "domain: d\nrules:\n", ""));
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void patternsByTheThousand_areBuiltInTheEnd(Kind kind) {
    LoadedRules loaded = RuleFiles.load(List.of(new RuleFiles.Source("f.yaml", kind.file)));
    assertEquals(List.of(), loaded.problems());
  }
}
