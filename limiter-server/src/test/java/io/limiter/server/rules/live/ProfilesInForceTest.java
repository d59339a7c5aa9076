package io.limiter.server.rules.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.limiter.server.rules.file.LoadedRules;
import io.limiter.server.rules.file.RuleFiles;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Profiles come into force with the rules, and what changed is told. */
class ProfilesInForceTest {
  private static final Instant THEN = Instant.parse("2026-11-24T01:02:03Z");
  private static final Instant NOW = Instant.parse("2026-11-25T01:02:03Z");

  private static LoadedRules load(String web, String api) {
    return RuleFiles.load(
        List.of(
            new RuleFiles.Source("edge.yaml", "domain: edge\nrules: []"),
            new RuleFiles.Source("web.yaml", web),
            new RuleFiles.Source("api.yaml", api)));
  }

  private static String profile(String name, int cost) {
    return "authorize: { %s: { domain: edge, attributes: {}, cost: %d } }".formatted(name, cost);
  }

  private static Instant since(Map<String, InForce.Origin> origins, String name) {
    return Objects.requireNonNull(origins.get(name)).since();
  }

  @Test
  void whatChanged_isTold_andWhatDidNot_keepsItsTime() {
    InForce before = InForce.of(load(profile("web", 1), profile("api", 1)), THEN);
    assertEquals("edge (0 rules); profiles api, web", RulesText.summary(before.table()));
    InForce after = before.after(load(profile("web", 2), profile("new", 1)), NOW);
    assertEquals(
        "added profile new; changed profile web; removed profile api",
        Changes.between(before, after).toString());
    assertNotEquals(before.hash(), after.hash());
    assertEquals(NOW, since(after.profiles(), "web"));
    assertEquals(THEN, since(after.domains(), "edge"));
  }

  @Test
  void theSameAgain_changesNothing() {
    LoadedRules loaded = load(profile("web", 1), profile("api", 1));
    InForce before = InForce.of(loaded, THEN);
    assertSame(before, before.after(loaded, NOW));
  }

  @Test
  void aBadFile_leavesItsProfilesAsTheyWere() {
    InForce before = InForce.of(load(profile("web", 1), profile("api", 1)), THEN);
    InForce after = before.after(load("authorize: { web: { cost: x } }", profile("api", 2)), NOW);
    assertEquals("changed profile api", Changes.between(before, after).toString());
    assertEquals(THEN, since(after.profiles(), "web"));
  }
}
