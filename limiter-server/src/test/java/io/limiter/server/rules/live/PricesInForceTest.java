package io.limiter.server.rules.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.limiter.server.rules.file.LoadedRules;
import io.limiter.server.rules.file.RuleFiles;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** A changed list of prices is a change of every domain that is charged by it. */
class PricesInForceTest {
  private static final Instant THEN = Instant.parse("2026-11-24T01:02:03Z");
  private static final Instant NOW = Instant.parse("2026-11-25T01:02:03Z");

  private static RuleFiles.Source domain(String name, String charge) {
    String rule = "{ name: r, algorithm: fixed-window, limit: 5, window: 1m, unit: u, charge: %s }";
    return new RuleFiles.Source(
        name + ".yaml", "domain: " + name + "\nrules: [" + rule.formatted(charge) + "]");
  }

  private static LoadedRules load(String price, String charge) {
    return RuleFiles.load(
        List.of(
            domain("ai", "models"),
            domain("own", charge),
            new RuleFiles.Source(
                "p.yaml",
                "{ prices: models, key: model, entries: { a: { t: 1 } }, default: { t: %s } }"
                    .formatted(price))));
  }

  private static Instant since(InForce rules, String domain) {
    return Objects.requireNonNull(rules.domains().get(domain)).since();
  }

  @Test
  void aChangeOfPricesAlone_changesWhoIsChargedByThem_andIsTold() {
    InForce before = InForce.of(load("1", "{ t: 1 }"), THEN);
    assertEquals("ai (1 rule), own (1 rule); prices models", RulesText.summary(before.table()));
    InForce after = before.after(load("2", "{ t: 1 }"), NOW);
    assertEquals("changed ai, prices models", Changes.between(before, after).toString());
    assertNotEquals(before.hash(), after.hash());
    assertEquals(NOW, since(after, "ai"));
    assertEquals(THEN, since(after, "own"));
  }

  @Test
  void theSameAgain_changesNothing() {
    LoadedRules loaded = load("1", "models");
    InForce before = InForce.of(loaded, THEN);
    assertSame(before, before.after(load("1", "models"), NOW));
  }

  @Test
  void aBadList_changesNothing_andItsUsersKeepTheirTime() {
    InForce before = InForce.of(load("1", "{ t: 1 }"), THEN);
    InForce after = before.after(load("0", "{ t: 2 }"), NOW);
    assertEquals("changed own", Changes.between(before, after).toString());
    assertEquals(THEN, since(after, "ai"));
    assertEquals(before.prices(), after.prices());
  }

  @Test
  void aDomainWhoseFileIsBad_keepsItsPrices_whichAreToldBesideTheNew() {
    InForce before = InForce.of(load("1", "models"), THEN);
    assertEquals(1, before.prices().size());
    LoadedRules bad =
        RuleFiles.load(
            List.of(
                domain("ai", "{ t: -1 }"),
                domain("own", "models"),
                new RuleFiles.Source(
                    "p.yaml",
                    "{ prices: models, key: model, entries: { a: { t: 1 } }, default: { t: 2 } }")));
    InForce after = before.after(bad, NOW);
    assertEquals("changed own, prices models", Changes.between(before, after).toString());
    assertEquals(
        List.of("models", "models"), after.prices().stream().map(InForce.Prices::name).toList());
    assertEquals(THEN, since(after, "ai"));
  }
}
