package io.limiter.server.decide;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.Outcome;
import io.limiter.server.rules.LoadedRules;
import io.limiter.server.rules.Rule;
import io.limiter.server.rules.RuleFiles;
import io.limiter.server.store.redis.RedisCounterStore;
import io.limiter.server.store.redis.RedisSettings;
import io.limiter.server.store.redis.StoreListener;
import io.limiter.testing.TestRedis;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * An enforced rule, its candidates and a rollout on the same traffic, over a real Redis: what each
 * says is what it says when it is enforced alone.
 */
class SideBySideIT {
  private static final int KEYS = 500;
  private static final int REQUESTS = 10_000;
  private static final long SEED = 1;
  private static final String RULE =
      "  - { name: r, key: [user], algorithm: fixed-window, window: 366d, limit: ";

  private final String run = UUID.randomUUID().toString();

  /** What the rules of one domain said of all the traffic. */
  private static final class Tally {
    private final Map<String, Integer> said = new TreeMap<>();
    private final TreeSet<String> deniedKeys = new TreeSet<>();

    private int of(Rule.Mode.Kind kind, String outcome) {
      return said.getOrDefault(kind + " " + outcome, 0);
    }
  }

  private static List<String> traffic() {
    Random random = new Random(SEED);
    List<String> users = new ArrayList<>();
    for (int i = 0; i < REQUESTS; i++) {
      // Some users ask far more often than others.
      users.add("user-" + (int) (KEYS * Math.pow(random.nextDouble(), 2)));
    }
    return users;
  }

  private Tally ask(RedisCounterStore store, String domain, String rules) throws Exception {
    String yaml = "domain: " + domain + "\nrules:\n" + rules + "\n";
    LoadedRules loaded = RuleFiles.load(List.of(new RuleFiles.Source("d.yaml", yaml)));
    assertEquals(List.of(), loaded.problems());
    Limiter limiter = new Limiter(loaded::table, store, DecisionListener.NONE);
    Tally tally = new Tally();
    for (String user : traffic()) {
      Map<String, String> attributes = Map.of("user", run + user);
      Request request = new Request(domain, attributes, 1, Map.of(), List.of(), false, "");
      Verdict verdict = limiter.decide(request).toCompletableFuture().get(60, TimeUnit.SECONDS);
      for (Verdict.Status status : verdict.statuses()) {
        String outcome = status.outcome() instanceof Outcome.Admitted ? "admits" : "denies";
        tally.said.merge(status.kind() + " " + outcome, 1, Integer::sum);
      }
      if (!verdict.allowed()) {
        tally.deniedKeys.add(user);
      }
    }
    System.out.printf("%-9s %s, %d keys denied%n", domain, tally.said, tally.deniedKeys.size());
    return tally;
  }

  @Test
  void candidatesAndRollouts_sayWhatTheyWouldSayAlone() throws Exception {
    RedisSettings settings = RedisSettings.of(TestRedis.shared().uri(), Duration.ofSeconds(60));
    try (RedisCounterStore store = RedisCounterStore.connect(settings, StoreListener.NONE)) {
      while (!store.connected()) {
        Thread.onSpinWait();
      }
      Tally strict = ask(store, "strict", RULE + "10 }");
      Tally middle = ask(store, "middle", RULE + "20 }");
      Tally lax = ask(store, "lax", RULE + "30 }");
      Tally downward = ask(store, "downward", RULE + "20, candidate: { limit: 10 } }");
      Tally upward = ask(store, "upward", RULE + "20, candidate: { limit: 30 } }");
      Tally shadow = ask(store, "shadow", RULE + "20, mode: shadow }");
      Tally rollout = ask(store, "rollout", RULE + "20, enforce: 10% }");

      Rule.Mode.Kind enforce = Rule.Mode.Kind.ENFORCE;
      Rule.Mode.Kind candidate = Rule.Mode.Kind.CANDIDATE;
      assertEquals(middle.of(enforce, "denies"), downward.of(enforce, "denies"));
      assertEquals(middle.of(enforce, "denies"), upward.of(enforce, "denies"));
      assertEquals(strict.of(enforce, "denies"), downward.of(candidate, "denies"));
      assertEquals(lax.of(enforce, "denies"), upward.of(candidate, "denies"));
      assertEquals(middle.of(enforce, "denies"), shadow.of(Rule.Mode.Kind.SHADOW, "denies"));
      assertEquals(0, shadow.deniedKeys.size());

      int asked = rollout.of(enforce, "admits") + rollout.of(enforce, "denies");
      assertEquals(
          middle.of(enforce, "denies"),
          rollout.of(enforce, "denies") + rollout.of(Rule.Mode.Kind.SHADOW, "denies"));
      assertTrue(asked > REQUESTS / 20 && asked < REQUESTS / 5, () -> "enforced for " + asked);
      assertTrue(middle.deniedKeys.containsAll(rollout.deniedKeys));
      int denied = rollout.deniedKeys.size();
      int all = middle.deniedKeys.size();
      assertTrue(denied > all / 20 && denied < all / 5, () -> denied + " of " + all);
    }
  }
}
