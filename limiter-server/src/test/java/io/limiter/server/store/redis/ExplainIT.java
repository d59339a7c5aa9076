package io.limiter.server.store.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.limiter.server.decide.DecisionListener;
import io.limiter.server.decide.ExplainQuestion;
import io.limiter.server.decide.ExplainResult;
import io.limiter.server.decide.Limiter;
import io.limiter.server.decide.Request;
import io.limiter.server.rules.Descriptor;
import io.limiter.server.rules.file.LoadedRules;
import io.limiter.server.rules.file.RuleFiles;
import io.limiter.testing.TestRedis;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ExplainIT {
  private static final String RULES =
      """
      domain: edge
      rules:
        - { name: fixed, key: [user], algorithm: fixed-window, limit: 9, window: year }
        - { name: log, key: [user], algorithm: sliding-log, limit: 9, window: 300d }
        - { name: counter, key: [user], algorithm: sliding-counter, limit: 9, window: 300d }
        - { name: token, key: [user], algorithm: token-bucket, rate: 1/300d, burst: 9 }
        - name: leaky
          key: [user]
          algorithm: leaky-bucket
          rate: 1/300d
          capacity: 9
          mode: shadow
          candidate: { capacity: 8 }
      """;

  @Test
  void anExplanation_writesNothing_andSeesEveryCounter() {
    LoadedRules loaded = RuleFiles.load(List.of(new RuleFiles.Source("edge.yaml", RULES)));
    assertEquals(List.of(), loaded.problems());
    try (StoreOnRedis redis = new StoreOnRedis(TestRedis.shared())) {
      redis.redis().flushall();
      Limiter limiter = new Limiter(loaded::table, redis.store(), DecisionListener.NONE);
      Map<String, String> alice = Map.of("user", "alice");
      StoreOnRedis.join(
          limiter.decide(new Request("edge", alice, 2, Map.of(), List.of(), false, "")));
      Map<String, String> before = redis.dump();
      ExplainResult explained = explain(limiter, "alice");
      assertEquals(
          List.of("fixed 7", "log 7", "counter 7", "token 7", "leaky 7", "leaky 6"),
          remaining(explained));
      assertEquals(
          before.keySet(),
          new TreeSet<>(
              explained.counters().values().stream().map(ExplainResult.Counter::key).toList()));
      assertEquals(
          List.of("fixed 9", "log 9", "counter 9", "token 9", "leaky 9", "leaky 8"),
          remaining(explain(limiter, "nobody")));
      assertEquals(before, redis.dump());
    }
  }

  private static ExplainResult explain(Limiter limiter, String user) {
    List<Descriptor.Entry> entries = List.of(new Descriptor.Entry("user", user));
    return StoreOnRedis.join(
        limiter.explain(new ExplainQuestion("edge", entries, /* ordered= */ true)));
  }

  private static List<String> remaining(ExplainResult explained) {
    List<String> seen = new ArrayList<>();
    explained
        .counters()
        .forEach(
            (rule, counter) -> {
              ExplainResult.State.Seen state =
                  assertInstanceOf(ExplainResult.State.Seen.class, counter.state());
              seen.add(rule.name() + " " + state.status().outcome().remaining());
            });
    return seen;
  }
}
