package io.limiter.server.key;

import static io.limiter.server.key.KeyedRules.key;
import static io.limiter.server.key.KeyedRules.limit;
import static io.limiter.server.key.KeyedRules.rule;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.limiter.algorithm.Algorithm;
import io.limiter.ledger.FailureMode;
import io.limiter.server.rules.Rule;
import io.limiter.server.rules.Tariff;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every key to the letter: counters that live in Redis are lost when a key changes. */
class CounterKeysTest {
  private static String keyOf(String value) {
    return key(rule("per-user", Keying.PLAIN, "user"), Map.of("user", value));
  }

  @Test
  void aDescriptorsKey_isPinned() {
    DescriptorCounter counter =
        new DescriptorCounter(
            List.of(
                new DescriptorCounter.Part("path", "/a:b", false),
                new DescriptorCounter.Part("file", "f/*", true)),
            /* ownUnit= */ "");
    assertEquals("@:f:path=/a%3Ab:file~f/*", descriptor(counter));
    assertEquals(
        "@minute:f:path=/a%3Ab:file~f/*",
        descriptor(new DescriptorCounter(counter.parts(), "minute")));
  }

  private static String descriptor(DescriptorCounter counter) {
    return CounterKeys.descriptor("edge", counter)
        .replaceFirst("limiter:.edge[|][0-9a-f]{8}}:", "");
  }

  @ParameterizedTest
  @CsvSource({
    "FIXED_WINDOW, limiter:{edge|78d04c6d}:per-user:f:alice",
    "SLIDING_LOG, limiter:{edge|b635aff3}:per-user:l:alice",
    "SLIDING_COUNTER, limiter:{edge|da1d9aaa}:per-user:c:alice",
    "TOKEN_BUCKET, limiter:{edge|5d6789fb}:per-user:t:alice",
    "LEAKY_BUCKET, limiter:{edge|a5375f69}:per-user:b:alice",
    "CONCURRENCY, limiter:{edge|e29cc2ef}:per-user:h:alice",
  })
  void algorithm_isPartOfTheKey(Algorithm algorithm, String expected) {
    Rule rule =
        new Rule(
            "per-user",
            List.of("user"),
            limit(algorithm),
            Rule.Mode.ENFORCE,
            "",
            Keying.PLAIN,
            FailureMode.LOCAL);
    assertEquals(expected, key(rule, Map.of("user", "alice")));
  }

  @Test
  void aCounterOfMillionths_isAnotherOne() {
    Rule rule =
        new Rule(
            "per-user",
            List.of("user"),
            limit(Algorithm.FIXED_WINDOW),
            Rule.Mode.ENFORCE,
            new Tariff("micro_usd", Map.of("tokens", 300_000L)),
            Keying.PLAIN,
            new Rule.Sharing(FailureMode.LOCAL, null, 0, /* learns= */ false));
    assertEquals("limiter:{edge|d2499aa3}:per-user:f$:alice", key(rule, Map.of("user", "alice")));
  }

  @ParameterizedTest
  @CsvSource({
    "limiter:{edge|78d04c6d}:per-user:f:alice, limiter:{edge|per-user",
    "limiter:{edge|d2499aa3}:per-user:f$:a:b, limiter:{edge|per-user",
    "limiter:{edge|=acme:%7D%3A}:per-user:f:alice, limiter:{edge|per-user",
    "limiter:{edge|78d04c6d}:per-user^:f:alice, limiter:{edge|per-user^",
    "limiter:{other|78d04c6d}:per-user:f:alice, limiter:{other|per-user",
    "limiter:{edge|78d04c6d}:, limiter:{edge|78d04c6d}:",
    "limiter:{edge|, limiter:{edge|",
    "}::|, }::|",
    "'', ''",
  })
  void aKeySaysOfWhichRuleItIs(String key, String expected) {
    assertEquals(expected, CounterKeys.rule(key));
  }

  @ParameterizedTest
  @CsvSource({
    "alice@example.org, alice@example.org",
    "GET /v1/items, GET%20/v1/items",
    "a:b, a%3Ab",
    "100%, 100%25",
    "{x}, %7Bx%7D",
    "a|b~c#d=e, a%7Cb%7Ec%23d%3De",
    "Zoë, Zo%EB",
    "日本, %u65E5%u672C",
    "'', ''",
    "192.0.2.7, 192.0.2.7",
    "2001:db8:1:2:3:4:5:6, 2001%3Adb8%3A1%3A2%3A%3A~64",
    "2001:DB8:1:2::9, 2001%3Adb8%3A1%3A2%3A%3A~64",
    "2001:db8:1:2::/64, 2001%3Adb8%3A1%3A2%3A%3A/64",
    "::ffff:192.0.2.7, 192.0.2.7",
  })
  void value_isEscaped(String value, String expected) {
    String key = keyOf(value);
    assertEquals(expected, key.substring(key.indexOf(":t:") + 3));
  }

  /** The longest that values become, each beside others: 64 bytes of what is escaped. */
  @Test
  void whatIsAllEscaped_isWhole() {
    String wide = "日".repeat(21);
    String two = "é".repeat(32);
    Rule rule = rule("r", Keying.PLAIN, "a", "b", "c");
    String key = key(rule, Map.of("a", wide, "b", two, "c", "x" + wide));
    assertEquals(
        "r:t:" + "%u65E5".repeat(21) + ":" + "%E9".repeat(32) + ":x" + "%u65E5".repeat(21),
        key.substring(key.indexOf("}:") + 2));
  }

  @Test
  void longValue_isHashed() {
    String longest = "x".repeat(64);
    assertEquals(longest, keyOf(longest).substring("limiter:{edge|01234567}:per-user:t:".length()));
    assertEquals("#lTfF_fEgSC99WNJentWD9Q", tail(keyOf("x".repeat(65))));
    assertEquals(23, tail(keyOf("é".repeat(33))).length());
  }

  @Test
  void secret_isHashedAlways() {
    Rule rule = rule("per-token", new Keying(true, 32, 64, false), "token");
    assertEquals("#K7gNU3sdo-OL0wNhqoVWhg", tail(key(rule, Map.of("token", "secret"))));
  }

  @Test
  void secretAddress_countsAsItsNetwork() {
    Rule rule = rule("per-ip", new Keying(true, 32, 64, false), "ip");
    String one = tail(key(rule, Map.of("ip", "2001:db8:1:2::3")));
    assertEquals(one, tail(key(rule, Map.of("ip", "2001:db8:1:2::4"))));
    assertNotEquals(one, tail(key(rule, Map.of("ip", "2001:db8:1:3::3"))));
    assertEquals("#cOiCrSScpMHqofm2XAbvDg~", one);
  }

  private static String tail(String key) {
    return key.substring(key.lastIndexOf(':') + 1);
  }

  @Test
  void prefixes_areThoseOfTheRule() {
    Rule rule = rule("per-net", new Keying(false, 24, 48, false), "ip");
    assertEquals("192.0.2.0~24", tail(key(rule, Map.of("ip", "192.0.2.77"))));
    assertEquals("192.0.2.0~24", tail(key(rule, Map.of("ip", "::ffff:192.0.2.77"))));
    assertEquals("2001%3Adb8%3A1%3A%3A~48", tail(key(rule, Map.of("ip", "2001:db8:1:2::3"))));
  }

  @Test
  void callersOwnRule_carriesTheNamesOfItsKey() {
    Rule rule = rule("mine", Keying.INLINE, "user", "plan");
    String key = key(rule, Map.of("user", "a", "plan", "b"));
    assertEquals("~mine:t:plan=b:user=a", key.substring(key.indexOf("}:") + 2));
  }

  @Test
  void callersOwnRule_hasAShortKey_howeverManyAttributesItNames() {
    Map<String, String> attributes = new HashMap<>();
    for (int i = 0; i < 64; i++) {
      attributes.put("attribute" + i, "value" + i);
    }
    Rule rule = rule("mine", Keying.INLINE, attributes.keySet().toArray(String[]::new));
    String key = key(rule, attributes);
    assertEquals(key.indexOf("~mine:t:#") + "~mine:t:#".length() + 22, key.length());
    attributes.put("attribute63", "another");
    assertNotEquals(key, key(rule, attributes));
  }

  @Test
  void callersOwnRules_areFoundByNameAndAttributes_whateverTheirAlgorithm() {
    Map<String, String> attributes = Map.of("user", "a", "plan", "b");
    List<String> keys = CounterKeys.inline("edge", "mine", attributes);
    assertEquals(Algorithm.values().length, keys.size());
    for (List<String> names : List.of(List.of("user", "plan"), List.of("plan", "user"))) {
      Rule rule = rule("mine", Keying.INLINE, names.toArray(String[]::new));
      String key = CounterKeys.counter(ValueHash.PLAIN, "edge", List.of(), rule, attributes);
      assertEquals(1, keys.stream().filter(key::equals).count());
    }
  }

  @Test
  void partition_placesItsCountersTogether() {
    List<String> partition = List.of("tenant");
    Rule perTenant = rule("per-tenant", Keying.PLAIN, "tenant");
    Rule perUser = rule("per-user", Keying.PLAIN, "user", "tenant");
    Rule global = rule("global", Keying.PLAIN);
    Map<String, String> attributes = Map.of("tenant", "acme", "user", "bob");
    assertEquals(
        "limiter:{edge|=acme}:per-tenant:t:acme",
        CounterKeys.counter(ValueHash.PLAIN, "edge", partition, perTenant, attributes));
    assertEquals(
        "limiter:{edge|=acme}:per-user:t:bob:acme",
        CounterKeys.counter(ValueHash.PLAIN, "edge", partition, perUser, attributes));
    assertEquals(
        key(global, attributes),
        CounterKeys.counter(ValueHash.PLAIN, "edge", partition, global, attributes));
  }

  @Test
  void recordsOfAQuestion_haveKeysOfTheirOwn() {
    assertEquals(
        "limiter:{edge|=acme}!idempotency:order%3A42",
        RecordKeys.idempotency(
            ValueHash.PLAIN, "limiter:{edge|=acme}:per-tenant:t:acme", "order:42"));
    assertEquals(
        "limiter:{3560}!receipt:000000000000000000010000000000000002",
        RecordKeys.receipt(new Receipt(0, 1, 2)));
    assertEquals(
        "limiter:{39296}!receipt:3fff00000000000000010000000000000002",
        RecordKeys.receipt(new Receipt(16_383, 1, 2)));
  }

  @Test
  void differentCounters_neverShareAKey() {
    long seed = 4_242;
    Random random = new Random(seed);
    Map<String, List<String>> seen = new HashMap<>();
    for (int i = 0; i < 200_000; i++) {
      List<String> identity = List.of(text(random), text(random), text(random), text(random));
      Rule rule = rule("r" + identity.get(0), Keying.PLAIN, "a", "b");
      String key =
          CounterKeys.counter(
              ValueHash.PLAIN,
              identity.get(1),
              List.of(),
              rule,
              Map.of("a", identity.get(2), "b", identity.get(3)));
      List<String> other = seen.put(key, identity);
      if (other != null) {
        assertEquals(identity, other, () -> "seed " + seed + ": " + key);
      }
    }
    assertNotEquals(0, seen.size());
    assertNull(seen.get(""));
  }

  /** Short texts of few letters, most of which mean something in a key. */
  private static String text(Random random) {
    StringBuilder text = new StringBuilder();
    for (int length = random.nextInt(4); length > 0; length--) {
      text.append("a:%|{}#~=/3A".charAt(random.nextInt(12)));
    }
    // Addresses of one network do share a counter.
    return Address.of(text.toString()) == null ? text.toString() : "";
  }
}
