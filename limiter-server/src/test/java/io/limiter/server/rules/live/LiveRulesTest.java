package io.limiter.server.rules.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.server.rules.Matching;
import io.limiter.server.rules.Rule;
import io.limiter.server.rules.file.RuleFiles;
import io.limiter.server.rules.table.RuleTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiveRulesTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-11-24T00:00:00Z"), ZoneOffset.UTC);

  @TempDir private Path place = Path.of("");

  private RulesDir directory = new RulesDir(place);
  private final List<Boolean> loads = new ArrayList<>();

  @BeforeEach
  void begin() throws IOException {
    directory = new RulesDir(place);
    directory.write("a.yaml", RulesDir.domain("a", 1));
    directory.write("b.yaml", RulesDir.domain("b", 1));
  }

  private static LiveRules of(Path directory) throws IOException {
    return LiveRules.of(directory, RuleFiles.load(directory), CLOCK);
  }

  private LiveRules live() throws IOException {
    LiveRules rules = of(place);
    rules.listen(loads::add);
    settle(rules);
    return rules;
  }

  private static void settle(LiveRules rules) {
    while (rules.poll()) {}
  }

  private static long limit(LiveRules rules, String domain) {
    List<Rule> found = Matching.rules(rules.get(), domain, Map.of());
    return found.get(0).limit().limit();
  }

  @Test
  void aChangedFile_isInForce() throws IOException {
    LiveRules rules = live();
    String before = rules.state().inForce().hash();
    directory.write("a.yaml", RulesDir.domain("a", 22));
    settle(rules);
    assertEquals(22, limit(rules, "a"));
    assertEquals(1, limit(rules, "b"));
    assertNotEquals(before, rules.state().inForce().hash());
    assertEquals(List.of(true, true), loads);
  }

  @Test
  void aRenameOverAFile_isSeen() throws IOException {
    LiveRules rules = live();
    directory.replace("a.yaml", RulesDir.domain("a", 2));
    settle(rules);
    assertEquals(2, limit(rules, "a"));
  }

  @Test
  void filesThatComeAndGo_areSeen() throws IOException {
    LiveRules rules = live();
    directory.write("c.yaml", RulesDir.domain("c", 3));
    directory.delete("b.yaml");
    settle(rules);
    assertEquals(Set.of("a", "c"), rules.get().domains());
  }

  @Test
  void aSwappedConfigMap_isSeen() throws IOException {
    directory.swap("m.yaml", RulesDir.domain("m", 1));
    LiveRules rules = live();
    assertEquals(1, limit(rules, "m"));
    directory.swap("m.yaml", RulesDir.domain("m", 2));
    settle(rules);
    assertEquals(2, limit(rules, "m"));
  }

  @Test
  void aSwappedLinkToTheWholeDirectory_isSeen() throws IOException {
    Path one = Files.createDirectory(place.resolve("one"));
    Path two = Files.createDirectory(place.resolve("two"));
    new RulesDir(one).write("x.yaml", RulesDir.domain("x", 1));
    new RulesDir(two).write("x.yaml", RulesDir.domain("x", 2));
    Path current = Files.createSymbolicLink(place.resolve("current"), one);
    LiveRules rules = of(current);
    settle(rules);
    Files.delete(current);
    Files.createSymbolicLink(current, two);
    settle(rules);
    assertEquals(2, limit(rules, "x"));
  }

  @Test
  void aBadFile_keepsItsDomainsRules_andSaysEveryProblem() throws IOException {
    LiveRules rules = live();
    directory.write("a.yaml", "domain: a\nrules:\n  - { name: r, limit: x }\n  - { nam: s }\n");
    directory.write("b.yaml", RulesDir.domain("b", 5));
    settle(rules);
    assertEquals(1, limit(rules, "a"));
    assertEquals(5, limit(rules, "b"));
    assertTrue(rules.state().lastAttempt().problems().size() >= 3, () -> rules.state().toString());
    assertEquals(List.of(true, false), loads);

    directory.write("a.yaml", RulesDir.domain("a", 7));
    settle(rules);
    assertEquals(7, limit(rules, "a"));
    assertEquals(List.of(), rules.state().lastAttempt().problems());
  }

  @Test
  void aFileThatIsRenamedWhileBad_keepsItsDomainsRules() throws IOException {
    LiveRules rules = live();
    directory.delete("a.yaml");
    directory.write("z.yaml", "domain: a\nrules: nonsense\n");
    settle(rules);
    assertEquals(1, limit(rules, "a"));
  }

  @Test
  void aSecondFileForADomain_changesNothing() throws IOException {
    LiveRules rules = live();
    directory.write("z.yaml", RulesDir.domain("a", 9));
    settle(rules);
    assertEquals(1, limit(rules, "a"));
    assertEquals(2, rules.state().lastAttempt().problems().size());
  }

  @Test
  void whatIsNotChanged_isNotLoadedAgain() throws IOException {
    LiveRules rules = live();
    RuleTable table = rules.get();
    directory.replace("a.yaml", RulesDir.domain("a", 1));
    settle(rules);
    assertSame(table, rules.get());
    assertEquals(List.of(true), loads);
  }

  @Test
  void aFileThatIsStillChanging_isNotRead() throws IOException {
    LiveRules rules = live();
    directory.write("a.yaml", RulesDir.domain("a", 22));
    assertTrue(rules.poll());
    directory.write("a.yaml", RulesDir.domain("a", 333));
    assertTrue(rules.poll());
    assertEquals(1, limit(rules, "a"));
    assertFalse(rules.poll());
    assertEquals(333, limit(rules, "a"));
  }

  @Test
  void whatChangesWhileItIsRead_isReadAnew() throws IOException {
    FolderFake folder = new FolderFake();
    folder.set("a.yaml", RulesDir.domain("a", 1));
    folder.set("b.yaml", RulesDir.domain("b", 1));
    LiveRules rules = LiveRules.of(folder, folder.loaded(), CLOCK);
    folder.set("a.yaml", RulesDir.domain("a", 2));
    folder.duringReads(
        () -> {
          folder.duringReads(() -> {});
          folder.set("b.yaml", RulesDir.domain("b", 2));
        });
    assertTrue(rules.poll());
    assertTrue(rules.poll(), "it was read, but it had changed meanwhile");
    assertEquals(1, limit(rules, "a"), "of two moments: not used");
    settle(rules);
    assertEquals(2, limit(rules, "a"));
    assertEquals(2, limit(rules, "b"));
  }

  @Test
  void aFileThatCannotBeRead_isTriedAtEachPoll_andSaidOnce() throws IOException {
    LiveRules rules = live();
    Path target = place.resolve("not-there");
    Path link = Files.createSymbolicLink(place.resolve("c.yaml"), target);
    settle(rules);
    settle(rules);
    assertEquals(
        List.of("c.yaml:1:1: cannot be read: its link leads nowhere; replace it"),
        rules.state().lastAttempt().problems());
    assertEquals(List.of(true, false), loads);
    assertEquals(Set.of("a", "b"), rules.get().domains());
    Files.writeString(target, RulesDir.domain("c", 3));
    settle(rules);
    assertEquals(3, limit(rules, "c"));
    assertEquals(List.of(true, false, true), loads);
    Files.delete(link);
    settle(rules);
    assertEquals(Set.of("a", "b"), rules.get().domains());
  }

  @Test
  void aDirectoryOfNoFiles_changesNothing() throws IOException {
    LiveRules rules = live();
    RuleTable table = rules.get();
    directory.delete("a.yaml");
    directory.delete("b.yaml");
    settle(rules);
    assertSame(table, rules.get());
    assertEquals(List.of(true, false), loads);
  }

  @Test
  void aFolderThatNeverStandsStill_isSaid_andReadWhenItDoes() throws IOException {
    FolderFake folder = new FolderFake();
    folder.set("a.yaml", RulesDir.domain("a", 1));
    LiveRules rules = LiveRules.of(folder, folder.loaded(), CLOCK);
    folder.setSilently("a.yaml", RulesDir.domain("a", 2));
    for (int i = 0; i < 3 * Debounce.RESTLESS; i++) {
      folder.touch();
      assertTrue(rules.poll());
    }
    assertEquals(
        List.of(
            "rules directory the folder has changed at each of the last 100 looks;"
                + " write elsewhere and rename into place"),
        rules.state().lastAttempt().problems());
    assertEquals(1, limit(rules, "a"));
    settle(rules);
    assertEquals(2, limit(rules, "a"));
    assertTrue(rules.state().lastAttempt().good());
  }

  @Test
  void whatChangedBeforeTheFirstPoll_isFound() throws IOException {
    LiveRules rules = of(place);
    directory.write("a.yaml", RulesDir.domain("a", 2));
    settle(rules);
    assertEquals(2, limit(rules, "a"));
  }

  @Test
  void aDirectoryThatIsGone_changesNothing_andIsReadWhenItIsBack() throws IOException {
    Path inner = Files.createDirectory(place.resolve("inner"));
    RulesDir files = new RulesDir(inner);
    files.write("x.yaml", RulesDir.domain("x", 1));
    LiveRules rules = of(inner);
    rules.listen(loads::add);
    settle(rules);
    Path away = Files.move(inner, place.resolve("away"));
    settle(rules);
    settle(rules);
    assertEquals(1, limit(rules, "x"));
    assertEquals(List.of(true, false), loads);
    RuleTable table = rules.get();
    Files.move(away, inner);
    settle(rules);
    assertTrue(rules.state().lastAttempt().good(), "back, as it was");
    assertSame(table, rules.get());
    Files.move(inner, away);
    settle(rules);
    new RulesDir(away).write("x.yaml", RulesDir.domain("x", 22));
    Files.move(away, inner);
    settle(rules);
    assertEquals(22, limit(rules, "x"));
    assertEquals(List.of(true, false, true, false, true), loads);
  }
}
