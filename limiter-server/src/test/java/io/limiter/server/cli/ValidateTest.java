package io.limiter.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.server.rules.live.RulesText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ValidateTest {
  @TempDir Path temp;

  @Test
  void goodRules_areCounted() throws IOException {
    Files.writeString(
        temp.resolve("edge.yaml"),
        """
        domain: edge
        rules:
          - name: per-user
            key: [user]
            algorithm: token-bucket
            rate: 5/s
        """);
    CommandRun run = CommandRun.of("validate", temp.toString());
    assertEquals("0 problems; good: edge (1 rule)" + System.lineSeparator(), run.out());
    assertEquals("", run.err());
    assertEquals(0, run.exitCode());
  }

  @Test
  void everyProblem_standsOnItsLineBeforeTheSummary() throws IOException {
    Files.writeString(temp.resolve("bad.yaml"), "domain: [\n");
    CommandRun run = CommandRun.of("validate", temp.toString());
    List<String> lines = run.out().lines().toList();
    int problems = lines.size() - 1;
    assertEquals(1, run.exitCode());
    assertTrue(problems > 0, run::out);
    Pattern problem = Pattern.compile("bad\\.yaml:\\d+:\\d+: .+");
    assertTrue(lines.stream().limit(problems).allMatch(problem.asMatchPredicate()), run::out);
    assertEquals(RulesText.count(problems, "problem") + "; good: no domain", lines.get(problems));
  }
}
