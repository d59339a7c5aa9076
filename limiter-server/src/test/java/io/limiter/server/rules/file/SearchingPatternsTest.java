package io.limiter.server.rules.file;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is looked for in a whole value costs a pass over it, so that a question meets so many. */
class SearchingPatternsTest {
  private enum Kind {
    RULES(
        "the domain has more than 1000 patterns that search",
        "rules",
        "{ name: r%1$d, when: { path: \"*/a/*%1$d\" }, algorithm: fixed-window, limit: 1, window: 1s }"),
    DESCRIPTORS(
        "more than 1000 descriptors beside each other search",
        "descriptors",
        "{ key: path, value: \"*/a/*%1$d\", rate_limit: { unit: day } }");

    private final String said;
    private final String list;
    private final String element;

    Kind(String said, String list, String element) {
      this.said = said;
      this.list = list;
      this.element = element;
    }

    private String file(int count) {
      return IntStream.range(0, count)
          .mapToObj(element::formatted)
          .collect(Collectors.joining("\n- ", "domain: d\n" + list + ":\n- ", "\n"));
    }

    private List<String> problems(int count) {
      return RuleFiles.load(List.of(new RuleFiles.Source("f.yaml", file(count))))
          .problems()
          .stream()
          .map(problem -> problem.toString().replaceFirst(" for a text .*", ""))
          .map(problem -> problem.replaceFirst("^(f.yaml:\\d+):\\d+: ", "$1 "))
          .toList();
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void oneTooMany_isNamed_andAsManyAsMayBeAreTaken(Kind kind) {
    assertEquals(List.of("f.yaml:1003 " + kind.said + " a value"), kind.problems(1_001));
    assertEquals(List.of(), kind.problems(1_000));
  }
}
