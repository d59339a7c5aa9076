package io.limiter.server.decide;

import static io.limiter.ledger.Role.CANDIDATE;
import static io.limiter.ledger.Role.ENFORCED;
import static io.limiter.ledger.Role.SHADOW;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.limiter.algorithm.FixedWindow;
import io.limiter.ledger.FailureMode;
import io.limiter.ledger.Role;
import io.limiter.server.key.CounterKeys;
import io.limiter.server.key.Keying;
import io.limiter.server.rules.Rule;
import io.limiter.server.store.redis.Patient;
import io.limiter.server.store.redis.RedisCounterStore;
import io.limiter.server.store.redis.StoreListener;
import io.limiter.testing.TestRedis;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * An enforced rule, its candidates and a rollout on the same traffic, over a real Redis: what each
 * says is what it says when it is enforced alone. Windows of a year need no clock.
 */
class SideBySideIT {
  /** How many of the 500 users are chosen at 10%: always the same. */
  private static final int CHOSEN = 40;

  private static final Visits VISITS = new Visits();

  private static RedisCounterStore store;

  @BeforeAll
  static void connect() {
    store =
        RedisCounterStore.connect(Patient.settings(TestRedis.shared().uri()), StoreListener.NONE);
    long end = System.nanoTime() + Patient.PATIENCE.toNanos();
    while (!store.connected()) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError("no connection to " + TestRedis.shared());
      }
      Thread.onSpinWait();
    }
  }

  @AfterAll
  static void close() {
    store.close();
  }

  @Test
  void stricterAndLooserCandidates_sayWhatRulesWithTheirNumbersSayAlone() {
    Visits.Tally strict = asReckoned(10);
    Visits.Tally middle = asReckoned(20);
    Visits.Tally lax = asReckoned(30);
    assertNotEquals(strict.admitted(ENFORCED), middle.admitted(ENFORCED));
    assertNotEquals(middle.admitted(ENFORCED), lax.admitted(ENFORCED));

    Visits.Tally downward = VISITS.ask(store, "limit: 20, candidate: { limit: 10 }");
    assertSame(middle, ENFORCED, downward, ENFORCED);
    assertSame(strict, ENFORCED, downward, CANDIDATE);
    assertEquals(middle.deniedUsers(), downward.deniedUsers());

    Visits.Tally upward = VISITS.ask(store, "limit: 20, candidate: { limit: 30 }");
    assertSame(middle, ENFORCED, upward, ENFORCED);
    assertSame(lax, ENFORCED, upward, CANDIDATE);
    assertEquals(middle.deniedUsers(), upward.deniedUsers());
  }

  @Test
  void rollout_deniesTheChosenKeysAlone_andSaysOfTheOthersWhatItWould() {
    Visits.Tally middle = asReckoned(20);
    Visits.Tally shadow = VISITS.ask(store, "limit: 20, mode: shadow");
    assertSame(middle, ENFORCED, shadow, SHADOW);
    assertEquals(Set.of(), shadow.deniedUsers());

    Visits.Tally rollout = VISITS.ask(store, "limit: 20, enforce: 10%");
    Set<String> chosen = chosen();
    assertEquals(CHOSEN, chosen.size());
    chosen.retainAll(middle.deniedUsers());
    assertEquals(chosen, rollout.deniedUsers());
    assertEquals(middle.admitted(ENFORCED), rollout.admitted(ENFORCED) + rollout.admitted(SHADOW));
    assertEquals(middle.denied(ENFORCED), rollout.denied(ENFORCED) + rollout.denied(SHADOW));
  }

  @Test
  void candidateOfARollout_saysTheSame_whetherItsRuleIsEnforcedForTheKeyOrNot() {
    Visits.Tally lax = asReckoned(30);
    Visits.Tally both = VISITS.ask(store, "limit: 20, enforce: 10%, candidate: { limit: 30 }");
    assertSame(lax, ENFORCED, both, CANDIDATE);
  }

  /** What the enforced rule says; no more and no less than by hand. */
  private static Visits.Tally asReckoned(long limit) {
    Visits.Tally said = VISITS.ask(store, "limit: " + limit);
    Visits.Tally reckoned = VISITS.reckoned(ENFORCED, limit);
    assertSame(reckoned, ENFORCED, said, ENFORCED);
    assertEquals(reckoned.deniedUsers(), said.deniedUsers());
    return said;
  }

  private static void assertSame(Visits.Tally expected, Role as, Visits.Tally found, Role role) {
    assertEquals(expected.admitted(as), found.admitted(role), () -> expected + "\n" + found);
    assertEquals(expected.denied(as), found.denied(role), () -> expected + "\n" + found);
  }

  private static Set<String> chosen() {
    Rule rule =
        new Rule(
            "r",
            List.of("user"),
            FixedWindow.per(1_000_000, 1),
            Rule.Mode.ENFORCE,
            "",
            Keying.PLAIN,
            FailureMode.LOCAL);
    Set<String> chosen = new TreeSet<>();
    IntStream.range(0, Visits.USERS)
        .mapToObj(i -> "user-" + i)
        .filter(user -> CounterKeys.share("edge", rule, Map.of("user", user)) < 1_000)
        .forEach(chosen::add);
    return chosen;
  }
}
