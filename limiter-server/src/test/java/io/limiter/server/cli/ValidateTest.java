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
    assertEquals("no problems: edge (1 rule)" + System.lineSeparator(), run.out());
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
    assertEquals(
        RulesText.count(problems, "problem") + "; no domain is without one", lines.get(problems));
  }

  @Test
  void aFolderWithoutRules_isNotGood_andSaysWhatWasLookedFor() throws IOException {
    String end = "; save one there, such as shop.yaml" + System.lineSeparator();
    String start = "limiter: DIR: no file of rules in %s or its folders: ".formatted(temp);
    CommandRun empty = CommandRun.of("validate", temp.toString());
    assertEquals(start + "it is empty" + end, empty.err());
    assertEquals(1, empty.exitCode());
    Files.writeString(temp.resolve("README.md"), "How we limit\n");
    Files.createDirectory(temp.resolve("rules"));
    CommandRun others = CommandRun.of("validate", temp.toString());
    assertEquals(start + "it holds README.md, rules" + end, others.err());
    assertEquals("left out: README.md: it names no domain" + System.lineSeparator(), others.out());
    assertEquals(1, others.exitCode());
  }

  /** Envoy's service reads files of any name. */
  @Test
  void aDomainInAFileOfAnyName_isFound() throws IOException {
    Files.writeString(
        temp.resolve("edge.yaml.bak"),
        "domain: edge\ndescriptors: [{ key: a, rate_limit: { unit: day, requests_per_unit: 1 } }]\n");
    CommandRun run = CommandRun.of("validate", temp.toString());
    assertEquals("no problems: edge (1 rule)" + System.lineSeparator(), run.out());
    assertEquals(0, run.exitCode());
  }

  @Test
  void domainsWithoutAnyRule_areNotGood() throws IOException {
    Files.writeString(temp.resolve("edge.yaml"), "domain: edge\nrules: []\n");
    CommandRun run = CommandRun.of("validate", temp.toString());
    assertEquals(
        "limiter: DIR: nothing in %s counts anything: edge (0 rules); add a rule to a domain%n"
            .formatted(temp),
        run.err());
    assertEquals(1, run.exitCode());
  }
}
