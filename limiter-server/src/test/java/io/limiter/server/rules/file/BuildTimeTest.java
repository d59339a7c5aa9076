package io.limiter.server.rules.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Eight times as much takes about eight times as long; a step for each pair would take 64. */
class BuildTimeTest {
  private static final int TIMES = 8;
  private static final int MOST_TIMES_AS_LONG = 32;

  private enum Kind {
    LONG_STARTS(150, i -> "\"" + i + "a".repeat(900) + "*\""),
    NESTED_STARTS(120, i -> "\"" + "a".repeat(i) + "b*\""),
    LONG_MIDDLES(150, i -> "\"*" + i + "a".repeat(900) + "*\""),
    NESTED_MIDDLES(120, i -> "\"*" + "a".repeat(i) + "b*\""),
    NESTED_ENDS(120, i -> "\"*b" + "a".repeat(i) + "\""),
    VALUES(8_000, i -> "v" + i),
    NETWORKS(8_000, i -> "10.%d.%d.0/24".formatted(i / 256, i % 256));

    private final String one;
    private final String eight;

    Kind(int count, IntFunction<String> pattern) {
      one = file(count, pattern);
      eight = file(TIMES * count, pattern);
    }

    private static String file(int count, IntFunction<String> pattern) {
      String list =
          IntStream.range(0, count)
              .mapToObj(pattern)
              .collect(Collectors.joining(", ", "[", ", \"!x\"]"));
      String rest = ", algorithm: fixed-window, limit: 1, window: 1s }\n";
      // So many rules that the index files them, under every pattern of the list.
      return IntStream.range(0, 5)
          .mapToObj(
              i -> "- { name: r" + i + ", when: { a: " + (i == 0 ? list : "w" + i) + " }" + rest)
          .collect(Collectors.joining("", "domain: d\nrules:\n", ""));
    }
  }

  /** The shortest of three, in nanoseconds. */
  private static long nanos(String file) {
    long shortest = Long.MAX_VALUE;
    for (int run = 0; run < 3; run++) {
      long begin = System.nanoTime();
      LoadedRules loaded = RuleFiles.load(List.of(new RuleFiles.Source("f.yaml", file)));
      shortest = Math.min(shortest, System.nanoTime() - begin);
      assertEquals(List.of(), loaded.problems());
    }
    return shortest;
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void eightTimesThePatterns_takeAboutEightTimesAsLong(Kind kind) {
    long one = nanos(kind.one);
    long eight = nanos(kind.eight);
    assertTrue(
        eight < MOST_TIMES_AS_LONG * one,
        () ->
            "%s: %d µs, and %d µs for eight times as many"
                .formatted(kind, one / 1000, eight / 1000));
  }
}
