package io.limiter.server.decide;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.limiter.ledger.Role;
import io.limiter.server.rules.Descriptor;
import io.limiter.server.rules.Explanation;
import io.limiter.server.rules.file.LoadedRules;
import io.limiter.server.rules.file.RuleFiles;
import io.limiter.server.rules.table.RuleTable;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.CounterStore;
import io.limiter.server.store.ForwardingCounterStore;
import io.limiter.server.store.StoreException;
import io.limiter.server.store.StubCounterStore;
import io.limiter.server.store.local.LocalCounterStore;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class ExplainerTest {
  private static final RuleTable TABLE =
      table(
              """
              domain: edge
              partition: [user]
              rules:
                - name: per-user
                  key: [user]
                  algorithm: fixed-window
                  limit: 10
                  window: 300d
                  candidate: { limit: 5 }
                - name: rolled
                  key: [user]
                  algorithm: sliding-log
                  limit: 3
                  window: 1h
                  enforce: 50%
                - name: tokens
                  key: [user]
                  unit: tokens
                  algorithm: token-bucket
                  rate: 100/d
                  mode: shadow
              """)
          .withHash("abc");

  private final List<String> asked = new ArrayList<>();
  private final Watched store = new Watched();

  private static RuleTable table(String yaml) {
    LoadedRules loaded = RuleFiles.load(List.of(new RuleFiles.Source("d.yaml", yaml)));
    assertEquals(List.of(), loaded.problems());
    return loaded.table();
  }

  private static ExplainResult explain(
      RuleTable table, CounterStore store, ExplainQuestion question) {
    return new Limiter(() -> table, store, DecisionListener.NONE)
        .explain(question)
        .toCompletableFuture()
        .join();
  }

  private static ExplainQuestion user(String name) {
    return new ExplainQuestion("edge", List.of(new Descriptor.Entry("user", name)), true);
  }

  @Test
  void eachCounter_standsWhereChecksLeftIt_underTheKeyThatTheyCharge() {
    new Limiter(() -> TABLE, store, DecisionListener.NONE)
        .decide(
            new Request(
                "edge", Map.of("user", "al"), 2, Map.of("tokens", 30L), List.of(), false, ""));
    List<String> charged = List.copyOf(asked);
    asked.clear();
    ExplainResult explained = explain(TABLE, store, user("al"));
    assertEquals("abc", explained.rulesHash());
    assertEquals(
        charged, explained.counters().values().stream().map(ExplainResult.Counter::key).toList());
    assertEquals(charged, asked);
    List<String> seen = new ArrayList<>();
    explained
        .counters()
        .forEach(
            (rule, counter) -> {
              ExplainResult.State.Seen state =
                  assertInstanceOf(ExplainResult.State.Seen.class, counter.state());
              assertSame(rule, state.status().rule());
              assertEquals(counter.role(), state.status().role());
              seen.add(rule.name() + " " + state.status().outcome().remaining());
            });
    assertEquals(List.of("per-user 8", "per-user 3", "rolled 1", "tokens 70"), seen);
  }

  @Test
  void aRollout_saysWhatItIsForThisKey() {
    Set<Role> kinds = EnumSet.noneOf(Role.class);
    for (int i = 0; i < 40; i++) {
      String name = "user-" + i;
      explain(TABLE, store, user(name))
          .counters()
          .forEach(
              (rule, counter) -> {
                if (rule.name().equals("rolled")) {
                  Map<String, String> attributes = Map.of("user", name);
                  assertEquals(rule.roleFor("edge", attributes), counter.role());
                  kinds.add(counter.role());
                }
              });
    }
    assertEquals(EnumSet.of(Role.ENFORCED, Role.SHADOW), kinds);
  }

  @Test
  void nothingApplies_theStoreIsNotAsked() {
    ExplainResult explained = explain(TABLE, store, new ExplainQuestion("edge", List.of(), false));
    assertEquals(Map.of(), explained.counters());
    assertEquals(List.of(), asked);
  }

  @Test
  void redisAway_theRestIsAnswered() {
    for (StoreException.Kind kind : StoreException.Kind.values()) {
      if (kind.isDefect()) {
        continue;
      }
      ExplainResult explained =
          explain(
              TABLE,
              StubCounterStore.failing(new StoreException(kind, "away", null)),
              user("alice"));
      assertEquals(4, explained.counters().size());
      for (ExplainResult.Counter counter : explained.counters().values()) {
        assertEquals(
            new ExplainResult.State.Unknown(new StoreException(kind, "away", null).told()),
            counter.state());
      }
    }
  }

  @Test
  void aDefect_isNotHidden() {
    CompletionException failure =
        assertThrows(
            CompletionException.class,
            () ->
                explain(
                    TABLE,
                    StubCounterStore.failing(
                        new StoreException(StoreException.Kind.INTERNAL, "away", null)),
                    user("alice")));
    assertEquals(
        StoreException.Kind.INTERNAL,
        assertInstanceOf(StoreException.class, failure.getCause()).kind());
  }

  @Test
  void descriptors_needAnOrder() {
    RuleTable mesh =
        table(
            """
            domain: mesh
            descriptors:
              - key: a
                descriptors: [{ key: b, rate_limit: { unit: day, requests_per_unit: 9 } }]
            """);
    List<Descriptor.Entry> entries =
        List.of(new Descriptor.Entry("a", "1"), new Descriptor.Entry("b", "2"));
    ExplainResult explained = explain(mesh, store, new ExplainQuestion("mesh", entries, true));
    ExplainResult.Counter counter = explained.counters().values().iterator().next();
    assertEquals(List.of(counter.key()), asked);
    assertInstanceOf(ExplainResult.State.Seen.class, counter.state());
    CompletionException failure =
        assertThrows(
            CompletionException.class,
            () -> explain(mesh, store, new ExplainQuestion("mesh", entries, false)));
    assertEquals(
        "attributes have no order, and domain \"mesh\" is made of descriptors, which need one;"
            + " pass entries instead",
        assertInstanceOf(DecisionException.class, failure.getCause()).getMessage());
    ExplainResult one =
        explain(mesh, store, new ExplainQuestion("mesh", entries.subList(0, 1), false));
    assertInstanceOf(Explanation.OfDescriptors.class, one.explanation());
  }

  /** Notes the keys that are asked for. */
  private final class Watched extends ForwardingCounterStore {
    Watched() {
      super(new LocalCounterStore(() -> 1_766_666_400_000_000L));
    }

    @Override
    public CompletionStage<Answer> decide(Charge charge) {
      charge.entries().forEach(entry -> asked.add(entry.key()));
      return super.decide(charge);
    }
  }
}
