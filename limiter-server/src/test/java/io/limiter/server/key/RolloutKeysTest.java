package io.limiter.server.key;

import static io.limiter.server.key.KeyedRules.key;
import static io.limiter.server.key.KeyedRules.limit;
import static io.limiter.server.key.KeyedRules.perUser;
import static io.limiter.server.key.KeyedRules.rule;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lettuce.core.cluster.SlotHash;
import io.limiter.algorithm.Algorithm;
import io.limiter.ledger.FailureMode;
import io.limiter.server.rules.Rule;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The keys of rules that are tried or rolled out, and the keys that a rollout chooses. */
class RolloutKeysTest {
  @Test
  void aCandidate_hasACounterOfItsOwn() {
    Rule candidate = perUser("per-user", Rule.Mode.CANDIDATE);
    Map<String, String> alice = Map.of("user", "alice");
    assertEquals("limiter:{edge|5d6789fb}:per-user^:t:alice", key(candidate, alice));
    assertEquals(
        "limiter:{edge|=alice}:per-user^:t:alice",
        CounterKeys.counter(ValueHash.PLAIN, "edge", List.of("user"), candidate, alice));
  }

  /** One script asks both, and Redis Cluster runs no script over two slots. */
  @ParameterizedTest
  @EnumSource
  void aCandidate_sharesTheSlotOfItsRule_whateverItsAlgorithm(Algorithm tried) {
    Map<String, String> alice = Map.of("user", "alice", "tenant", "acme");
    Rule rule = perUser("per-user", Rule.Mode.ENFORCE);
    Rule shadow = perUser("other", Rule.Mode.SHADOW);
    Rule candidate =
        new Rule(
            "per-user",
            List.of("user"),
            limit(tried),
            Rule.Mode.CANDIDATE,
            "",
            Keying.PLAIN,
            FailureMode.LOCAL);
    assertEquals(
        List.of(
            key(shadow, alice),
            "limiter:{edge|5d6789fb}:per-user:t:alice",
            "limiter:{edge|5d6789fb}:per-user^:%s:alice".formatted(tried.letter()),
            key(shadow, alice)),
        CounterKeys.counters(
            ValueHash.PLAIN, "edge", List.of(), List.of(shadow, rule, candidate, shadow), alice));
    for (List<String> partition : List.of(List.<String>of(), List.of("user"), List.of("tenant"))) {
      List<Integer> slots =
          CounterKeys.counters(ValueHash.PLAIN, "edge", partition, List.of(rule, candidate), alice)
              .stream()
              .map(SlotHash::getSlot)
              .toList();
      assertEquals(slots.get(0), slots.get(1), () -> "partition " + partition);
    }
  }

  /** A rule's name cannot hold the letter that marks a candidate, whoever names it. */
  @Test
  void noRule_canBeNamedLikeACandidate() {
    assertEquals(
        "r%5E:t:alice",
        key(perUser("r^", Rule.Mode.ENFORCE), Map.of("user", "alice")).replaceAll(".*}:", ""));
  }

  /** A new way to choose would enforce a rule that is being rolled out for other keys. */
  @ParameterizedTest
  @CsvSource({"alice, 1911", "bob, 515", "2001:db8::1, 4892", "2001:db8::2, 4892"})
  void theShareOfAKey_isPinned(String user, int expected) {
    Rule rule = perUser("per-user", Rule.Mode.enforcedFor(1_000));
    assertEquals(expected, CounterKeys.share("edge", rule, Map.of("user", user)));
  }

  @Test
  void shares_areEven_andOtherForAnotherRule() {
    Rule one = perUser("one", Rule.Mode.enforcedFor(1_000));
    Rule two = perUser("two", Rule.Mode.enforcedFor(1_000));
    int both = 0;
    int first = 0;
    for (int i = 0; i < 100_000; i++) {
      Map<String, String> user = Map.of("user", "user-" + i);
      boolean inOne = CounterKeys.share("edge", one, user) < 1_000;
      first += inOne ? 1 : 0;
      both += inOne && CounterKeys.share("edge", two, user) < 1_000 ? 1 : 0;
    }
    assertEquals(10_000, first, 500);
    assertEquals(1_000, both, 200);
  }

  @Test
  void theShareOfAKey_regardsItsValuesAsTheyCount() {
    Rule secret = rule("per-user", new Keying(true, 32, 64, false), "user");
    assertEquals(
        List.of(8124, 5537, 5537), shares(secret, "alice", "2001:db8::1", "2001:db8::2"), "hashed");
    Rule nets = rule("per-user", new Keying(false, 24, 56, false), "user");
    assertEquals(
        List.of(405, 405, 1010, 1010),
        shares(nets, "192.0.2.7", "192.0.2.200", "2001:db8:0:1::1", "2001:db8:0:ff::1"));
  }

  @Test
  void theShareOfAKey_regardsEachOfItsValues_andTheDomain() {
    Rule two = rule("per-user", Keying.PLAIN, "tenant", "user");
    Map<String, String> one = Map.of("tenant", "a", "user", "b:");
    Map<String, String> other = Map.of("tenant", "a:b", "user", "");
    assertEquals(
        List.of(9601, 5346, 4197),
        List.of(
            CounterKeys.share("edge", two, one),
            CounterKeys.share("edge", two, other),
            CounterKeys.share("elsewhere", two, one)));
  }

  private static List<Integer> shares(Rule rule, String... users) {
    return Stream.of(users)
        .map(user -> CounterKeys.share("edge", rule, Map.of("user", user)))
        .toList();
  }

  @ParameterizedTest
  @EnumSource
  void theShareOfAKey_isTheSame_howeverItIsCountedAndForWhateverShare(Algorithm algorithm) {
    for (int basisPoints : new int[] {0, 25, 1_911, 10_000}) {
      Rule rule =
          new Rule(
              "per-user",
              List.of("user"),
              limit(algorithm),
              Rule.Mode.enforcedFor(basisPoints),
              "tokens",
              Keying.PLAIN,
              FailureMode.OPEN);
      assertEquals(1911, CounterKeys.share("edge", rule, Map.of("user", "alice", "plan", "gold")));
    }
  }
}
