package io.limiter.script;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.Algorithm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The scripts as Redis gets them; {@code target/scripts} holds them for people to read. */
class AssembledScriptsTest {
  private static final Map<String, Scripts.Script> SCRIPTS = Scripts.STANDARD.byName();

  @Test
  void everyScript_isWrittenForPeopleToRead() throws IOException {
    Path folder = Files.createDirectories(Path.of("target", "scripts"));
    for (Map.Entry<String, Scripts.Script> script : SCRIPTS.entrySet()) {
      String head = "-- SHA-1 " + script.getValue().sha() + ", of what follows this line\n";
      Files.writeString(
          folder.resolve(script.getKey() + ".lua"), head + script.getValue().source());
    }
    assertTrue(Files.size(folder.resolve("decide.lua")) > 0);
  }

  @Test
  void aForm_isThereForEachAlgorithmAlone_andForAllTogether() {
    Set<String> expected =
        Algorithm.scripts().stream()
            .map("decide-"::concat)
            .collect(Collectors.toCollection(java.util.TreeSet::new));
    expected.addAll(Set.of("decide", "decide-empty"));
    Set<String> withMore =
        expected.stream()
            .flatMap(name -> Stream.of(name + "-headers", name + "-holds"))
            .collect(Collectors.toSet());
    expected.addAll(withMore);
    expected.addAll(
        Set.of(
            "alive",
            "charged",
            "claim",
            "decide-shared",
            "decide-whole-shared",
            "draw",
            "foreign",
            "observe",
            "refund",
            "release",
            "reset",
            "settle",
            "decide-whole"));
    assertEquals(expected, SCRIPTS.keySet());
    assertEquals(expected.size(), Scripts.STANDARD.all().size());
  }

  @Test
  void noConstant_isLookedUpWhileAScriptRuns() {
    SCRIPTS.forEach(
        (name, script) ->
            assertFalse(
                script.source().lines().anyMatch(line -> line.matches("local [A-Z_]+ = [0-9].*")),
                name));
  }

  @Test
  void aConstant_thatWouldBeTwoNumbers_isRefused() {
    String script = "local KEPT = 1\nlocal KEPT = 2\nreturn KEPT\n";
    IllegalStateException refused =
        assertThrows(IllegalStateException.class, () -> ScriptSource.inlined(script));
    assertEquals(
        "KEPT is both 1 and 2 in one script; give one of them another name", refused.getMessage());
  }

  @Test
  void ofSeveralAlgorithms_aCallMakesThoseThatItReadsRowsOf() {
    SCRIPTS.forEach(
        (name, script) -> {
          boolean several = Set.of("decide", "decide-headers", "draw").contains(name);
          if (several || name.startsWith("decide-bucket")) {
            assertEquals(several, script.source().contains("function make_bucket("), name);
          }
        });
  }

  @Test
  void onlyScriptsThatGiveBack_holdHowTo() {
    SCRIPTS.forEach(
        (name, script) ->
            assertEquals(
                name.endsWith("-headers")
                    || name.endsWith("-holds")
                    || name.endsWith("-shared")
                    || Set.of("decide-whole", "refund", "release").contains(name),
                script.source().contains("local refunds = {}"),
                name));
  }

  @Test
  void onlyFormsThatShare_holdHowTo() {
    SCRIPTS.forEach(
        (name, script) ->
            assertEquals(name.endsWith("-shared"), script.source().contains("read_row.S"), name));
  }
}
