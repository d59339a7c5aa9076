package io.limiter.server.rules.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.server.rules.Matching;
import io.limiter.server.rules.table.RuleTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Which rules stay in force when files are bad. */
class LastGoodTest {
  private static final String SYNTAX_ERROR = "domain: [";

  private static String good(String domain, int limit) {
    return "domain: %s\nrules: [{ name: r, algorithm: sliding-log, limit: %d, window: 1m }]"
        .formatted(domain, limit);
  }

  /** Bad, but the domain can be read. */
  private static String bad(String domain) {
    return "domain: %s\nrules: nonsense".formatted(domain);
  }

  private static LoadedRules load(Map<String, String> files) {
    return RuleFiles.load(
        new TreeMap<>(files)
            .entrySet().stream()
                .map(file -> new RuleFiles.Source(file.getKey(), file.getValue()))
                .toList());
  }

  private static RuleTable after(RuleTable before, Map<String, String> files) {
    return load(files).orLastGood(before);
  }

  private static String inForce(RuleTable table) {
    List<String> all = new ArrayList<>();
    for (String domain : table.domains()) {
      all.add(domain + Matching.rules(table, domain, Map.of()).get(0).limit().limit());
    }
    return String.join(" ", all);
  }

  private final RuleTable before =
      load(Map.of("a.yaml", good("a", 1), "b.yaml", good("b", 1))).table();

  @Test
  void aBadFile_keepsWhatItHeld_andGoodOnesChange() {
    Map<String, String> files = Map.of("a.yaml", SYNTAX_ERROR, "b.yaml", good("b", 2));
    assertEquals("a1 b2", inForce(after(before, files)));
  }

  @Test
  void aBadFileThatSaysAnotherDomain_keepsWhatItHeld() {
    Map<String, String> files = Map.of("a.yaml", bad("c"), "b.yaml", good("b", 1));
    assertEquals("a1 b1", inForce(after(before, files)));
  }

  @Test
  void aFileRenamedWhileBad_keepsTheDomainThatItSays() {
    assertEquals(
        "a1 b1", inForce(after(before, Map.of("z.yaml", bad("a"), "b.yaml", good("b", 1)))));
  }

  @Test
  void aFileRenamedWhileUnreadable_dropsNoDomain() {
    RuleTable renamed = after(before, Map.of("z.yaml", SYNTAX_ERROR, "b.yaml", good("b", 2)));
    assertEquals("a1 b2", inForce(renamed));
    assertEquals(
        "a1 b2",
        inForce(after(renamed, Map.of("z.yaml", bad("a"), "b.yaml", good("b", 2)))),
        "nor once its domain can be read");
    assertEquals(
        "a1 b2",
        inForce(after(renamed, Map.of("z.yaml", SYNTAX_ERROR, "b.yaml", good("b", 2)))),
        "nor when it is read once more");
    assertEquals("b2", inForce(after(renamed, Map.of("b.yaml", good("b", 2)))), "until it is gone");
  }

  @Test
  void aDomainWhoseFileIsGone_isDropped_whileAnotherFileIsBad() {
    assertEquals("a1", inForce(after(before, Map.of("a.yaml", SYNTAX_ERROR))));
    assertEquals("a1", inForce(after(before, Map.of("a.yaml", bad("a")))));
  }

  @Test
  void aDomainThatMoves_isThatOfItsNewFile_alsoWhileTheOldOneIsBad() {
    assertEquals(
        "a5 b1",
        inForce(
            after(
                before,
                Map.of("a.yaml", SYNTAX_ERROR, "c.yaml", good("a", 5), "b.yaml", good("b", 1)))));
  }

  @Test
  void filesThatChangeDomains_areSwapped_alsoByHalves() {
    assertEquals(
        "a7 b8", inForce(after(before, Map.of("a.yaml", good("b", 8), "b.yaml", good("a", 7)))));
    assertEquals(
        "a1 b8",
        inForce(after(before, Map.of("a.yaml", good("b", 8), "b.yaml", SYNTAX_ERROR))),
        "b.yaml has lost what it held: it may hold a");
  }

  @Test
  void twoFilesForOneDomain_keepItAsItWas() {
    Map<String, String> files =
        Map.of("a.yaml", good("a", 2), "b.yaml", good("b", 2), "c.yaml", good("a", 3));
    assertEquals("a1 b2", inForce(after(before, files)));
    Map<String, String> moved = Map.of("c.yaml", good("a", 2), "d.yaml", good("a", 3));
    assertEquals("a1", inForce(after(before, moved)));
  }

  /** Files come, go, break and change places, all at once. */
  @Test
  void whateverHappens_noBadFileLosesItsDomain_andReadingAgainChangesNothing() {
    long seed = Long.getLong("limiter.test.seed", 7);
    Random random = new Random(seed);
    RuleTable table = before;
    for (int step = 0; step < 5_000; step++) {
      Map<String, String> files = new TreeMap<>();
      for (String name : List.of("a.yaml", "b.yaml", "c.yaml", "d.yaml")) {
        String domain = String.valueOf((char) ('a' + random.nextInt(4)));
        switch (random.nextInt(4)) {
          case 0 -> files.put(name, good(domain, 1 + random.nextInt(9)));
          case 1 -> files.put(name, bad(domain));
          case 2 -> files.put(name, SYNTAX_ERROR);
          default -> {}
        }
      }
      String place = "seed " + seed + ", step " + step + ": " + files + " after " + inForce(table);
      LoadedRules loaded = load(files);
      RuleTable next = loaded.orLastGood(table);
      assertEquals(inForce(next), inForce(loaded.orLastGood(next)), place);
      Set<String> good = loaded.table().domains();
      assertTrue(next.domains().containsAll(good), place);
      for (FileRead file : loaded.files()) {
        for (String domain : file.good() ? Set.<String>of() : table.domains()) {
          boolean held = table.file(domain).equals(file.file());
          boolean said = file.domain().equals(Optional.of(domain));
          assertTrue(!(held || said) || next.domains().contains(domain), place);
        }
      }
      if (loaded.problems().isEmpty()) {
        assertEquals(good, next.domains(), place);
      }
      table = next;
    }
  }
}
