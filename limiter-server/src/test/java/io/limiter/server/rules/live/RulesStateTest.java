package io.limiter.server.rules.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.server.rules.file.ContentHash;
import io.limiter.server.rules.file.LoadedRules;
import io.limiter.server.rules.file.RuleFiles;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is in force after files were read, and what is said of it. */
class RulesStateTest {
  private static final Instant START = Instant.parse("2026-11-24T00:00:00Z");
  private static final Instant LATER = START.plusSeconds(60);
  private static final Instant LATEST = LATER.plusSeconds(60);
  private static final String BAD = "domain: a\nrules: nonsense";

  private final LoadedRules first = load("a.yaml", RulesDir.domain("a", 1), "b.yaml", domainB(1));
  private final RulesState start = RulesState.of(first, START);

  private static String domainB(long limit) {
    return RulesDir.domain("b", limit);
  }

  private static LoadedRules load(String... namesAndTexts) {
    List<RuleFiles.Source> files = new ArrayList<>();
    for (int i = 0; i < namesAndTexts.length; i += 2) {
      files.add(new RuleFiles.Source(namesAndTexts[i], namesAndTexts[i + 1]));
    }
    return RuleFiles.load(files);
  }

  private static RulesState after(RulesState before, LoadedRules loaded, Instant now) {
    return before.after(new Reading.Files(loaded), now).orElseThrow();
  }

  private static InForce.Origin origin(RulesState state, String domain) {
    return Objects.requireNonNull(state.inForce().domains().get(domain));
  }

  @Test
  void theSameContents_areNothingNew() {
    LoadedRules again = load("a.yaml", RulesDir.domain("a", 1), "b.yaml", domainB(1));
    assertEquals(Optional.empty(), start.after(new Reading.Files(again), LATER));
  }

  @Test
  void aChange_dates_whatItChanges_alone() {
    RulesState next =
        after(start, load("a.yaml", RulesDir.domain("a", 1), "b.yaml", domainB(2)), LATER);
    assertEquals(LATER, next.inForce().since());
    assertEquals(origin(start, "a"), origin(next, "a"));
    assertEquals(LATER, origin(next, "b").since());
    assertNotEquals(start.inForce().hash(), next.inForce().hash());
    assertEquals(Optional.of(next.inForce().hash()), next.lastAttempt().hash());
  }

  @Test
  void aBadFile_leavesTableHashAndTimeAlone_andTheAttemptSaysWhy() {
    RulesState bad = after(start, load("a.yaml", BAD, "b.yaml", domainB(1)), LATER);
    assertSame(start.inForce(), bad.inForce());
    assertEquals(LATER, bad.lastAttempt().at());
    assertEquals(1, bad.lastAttempt().problems().size());
    assertNotEquals(Optional.of(start.inForce().hash()), bad.lastAttempt().hash());

    RulesState mended = after(bad, first, LATEST);
    assertSame(start.inForce(), mended.inForce());
    assertTrue(mended.lastAttempt().good());
    assertEquals(LATEST, mended.lastAttempt().at());
  }

  @Test
  void theHashInForce_isThatOfTheLastGoodContentsOfEachFile() {
    RulesState mixed = after(start, load("a.yaml", BAD, "b.yaml", domainB(2)), LATER);
    LoadedRules wouldBe = load("a.yaml", RulesDir.domain("a", 1), "b.yaml", domainB(2));
    assertEquals(wouldBe.hash(), mixed.inForce().hash());
    assertEquals(
        ContentHash.of(List.of(origin(mixed, "a").content(), origin(mixed, "b").content())),
        mixed.inForce().hash());
  }

  @Test
  void aRenamedFile_isAnotherHash_sinceNamesAreHashedToo() {
    RulesState renamed =
        after(start, load("a.yaml", RulesDir.domain("a", 1), "c.yaml", domainB(1)), LATER);
    assertNotEquals(start.inForce().hash(), renamed.inForce().hash());
    assertEquals("c.yaml", origin(renamed, "b").content().file());
  }

  @Test
  void aDirectoryThatCannotBeRead_keepsAll_andIsSaidOnce() {
    Reading gone = new Reading.Nothing("/rules cannot be listed: it is not there");
    RulesState lost = start.after(gone, LATER).orElseThrow();
    assertSame(start.inForce(), lost.inForce());
    assertEquals(
        List.of("rules directory /rules cannot be listed: it is not there"),
        lost.lastAttempt().problems());
    assertEquals(Optional.empty(), lost.lastAttempt().hash());
    assertEquals(Optional.empty(), lost.after(gone, LATEST));
    assertTrue(after(lost, first, LATEST).lastAttempt().good());
  }

  @Test
  void aDirectoryWithoutAnyFile_keepsAll_unlessThereWasNone() {
    RulesState emptied = after(start, load(), LATER);
    assertSame(start.inForce(), emptied.inForce());
    assertEquals(
        List.of("rules directory holds no file of rules; put one there, with rules: [] for none"),
        emptied.lastAttempt().problems());

    RulesState none = RulesState.of(load(), START);
    assertTrue(none.lastAttempt().good());
    assertEquals(Optional.empty(), none.after(new Reading.Files(load()), LATER));
  }

  @Test
  void changes_areNamed() {
    RulesState next =
        after(
            start,
            load("a.yaml", RulesDir.domain("a", 2), "c.yaml", RulesDir.domain("c", 1)),
            LATER);
    assertEquals(
        "added c; changed a; removed b",
        Changes.between(start.inForce(), next.inForce()).toString());
    assertEquals("nothing changed", Changes.between(start.inForce(), start.inForce()).toString());
  }
}
