package io.limiter.server.rules.file;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.limiter.algorithm.Algorithm;
import io.limiter.server.rules.yaml.Problem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * One small file for each mistake, in {@code bad-rules}. What must be said of it is written at its
 * end, in lines that begin with {@code #=}. There {@code {algorithms}} stands for the labels of
 * all.
 */
class BadRulesTest {
  private static final String EXPECTED = "#= ";

  private static final String ALGORITHMS =
      Stream.of(Algorithm.values())
          .map(Algorithm::label)
          .collect(Collectors.joining(", "))
          .replaceFirst(", ([^,]+)$", " or $1");

  static Stream<Path> files() throws IOException, URISyntaxException {
    Path directory = Path.of(BadRulesTest.class.getResource("/bad-rules").toURI());
    try (Stream<Path> files = Files.list(directory)) {
      return files.sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void mistake_isNamedWithItsPlaceItsBoundAndItsRemedy(Path path) {
    String file = path.getFileName().toString();
    String text = read(path);
    LoadedRules loaded = RuleFiles.load(List.of(new RuleFiles.Source(file, text)));
    String expected =
        String.join(
            "\n",
            text.lines()
                .filter(line -> line.startsWith(EXPECTED))
                .map(line -> file + ":" + line.substring(EXPECTED.length()))
                .map(line -> line.replace("{algorithms}", ALGORITHMS))
                .toList());
    assertEquals(
        expected, String.join("\n", loaded.problems().stream().map(Problem::toString).toList()));
    assertEquals(Set.of(), loaded.table().domains(), "a file with problems contributes no rules");
  }

  private static String read(Path path) {
    try {
      return Files.readString(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
