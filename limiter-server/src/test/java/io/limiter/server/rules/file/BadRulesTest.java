package io.limiter.server.rules.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.Algorithm;
import io.limiter.server.rules.yaml.Problem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
 *
 * <p>Below each message stand the remedies that it offers, as a reader would apply them, in lines
 * that begin with {@code #>}: {@code old => new}, from the message's line on, or if it is not
 * there, from the beginning. A {@code \\n} ends a line.
 */
class BadRulesTest {
  private static final String EXPECTED = "#= ";
  private static final String REMEDY = "#> ";

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
    String text = without(REMEDY, read(path));
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

  @ParameterizedTest
  @MethodSource("files")
  void whoeverAppliesARemedy_isRidOfTheMistake_andHasNoOther(Path path) {
    String wrong = without(EXPECTED, without(REMEDY, read(path)));
    List<String> before = problems(wrong);
    String message = "";
    int line = 0;
    int remedies = 0;
    for (String said : read(path).lines().filter(each -> each.startsWith("#")).toList()) {
      if (said.startsWith(EXPECTED)) {
        assertTrue(message.isEmpty() || remedies > 0, message + " needs the remedy it offers");
        String[] placed = said.substring(EXPECTED.length()).split(":", 3);
        line = Integer.parseInt(placed[0]);
        message = placed[2].strip().replace("{algorithms}", ALGORITHMS);
        remedies = 0;
      } else if (said.startsWith(REMEDY)) {
        String right = applied(said.substring(REMEDY.length()), line, wrong);
        List<String> left = new ArrayList<>(before);
        assertTrue(left.remove(message), message + " is not said of " + wrong);
        for (String after : problems(right)) {
          assertTrue(left.remove(after), said + " for " + message + " leads to " + after);
        }
        remedies++;
      }
    }
    assertTrue(remedies > 0, message + " needs the remedy it offers");
  }

  private static String applied(String remedy, int line, String text) {
    String[] change = remedy.replace("\\n", "\n").split(" =>", 2);
    String old = change[0];
    int from = 0;
    for (int at = 1; at < line && from >= 0; at++) {
      from = text.indexOf('\n', from) + 1;
    }
    int found = text.indexOf(old, Math.max(0, from - 1));
    found = found < 0 ? text.indexOf(old) : found;
    assertTrue(found >= 0, remedy + " changes nothing");
    return text.substring(0, found)
        + change[1].replaceFirst("^ ", "")
        + text.substring(found + old.length());
  }

  /** What is said of a file, without the places. */
  private static List<String> problems(String text) {
    return RuleFiles.load(List.of(new RuleFiles.Source("f.yaml", text))).problems().stream()
        .map(problem -> problem.toString().replaceFirst("^f\\.yaml:\\d+:\\d+: ", ""))
        .toList();
  }

  private static String without(String mark, String text) {
    return text.lines()
        .filter(line -> !line.startsWith(mark))
        .map(line -> line + "\n")
        .collect(Collectors.joining());
  }

  private static String read(Path path) {
    try {
      return Files.readString(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
