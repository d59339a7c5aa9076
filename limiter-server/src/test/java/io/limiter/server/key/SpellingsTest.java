package io.limiter.server.key;

import static io.limiter.server.key.KeyedRules.key;
import static io.limiter.server.key.KeyedRules.rule;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.limiter.server.rules.Rule;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each address has one counter, however it is spelt; and each text that is none has its own. */
class SpellingsTest {
  /** The spellings of one address, and what they are in a key under some prefixes. */
  private record Spelt(List<String> texts, Map<Keying, String> keys) {
    @Override
    public String toString() {
      return texts.get(0);
    }
  }

  private static final Keying NARROW = new Keying(false, 24, 48, false);
  private static final Keying WHOLE = new Keying(false, 32, 128, false);
  private static final Keying NONE = new Keying(false, 0, 0, false);
  private static final Keying SECRET = new Keying(true, 32, 64, false);
  private static final Keying SECRET_NARROW = new Keying(true, 24, 48, false);

  static Stream<Spelt> addresses() {
    return Stream.of(
        new Spelt(
            List.of(
                "1.2.3.4",
                "::ffff:1.2.3.4",
                "::FFFF:1.2.3.4",
                "::ffff:102:304",
                "::ffff:0102:0304",
                "0:0:0:0:0:ffff:1.2.3.4",
                "0000:0000:0000:0000:0000:FFFF:0102:0304",
                "0::ffff:102:304"),
            Map.of(
                Keying.PLAIN,
                "1.2.3.4",
                WHOLE,
                "1.2.3.4",
                NARROW,
                "1.2.3.0~24",
                NONE,
                "0.0.0.0~0",
                SECRET,
                "#ZpT4PJ9HbaMfXfa8xSADTg",
                SECRET_NARROW,
                "#NqabPTwlwUXbUKNTDQTKTA~")),
        new Spelt(
            List.of(
                "2001:db8::1:2",
                "2001:DB8::1:2",
                "2001:0db8:0000:0000:0000:0000:0001:0002",
                "2001:db8:0:0:0:0:1:2",
                "2001:db8:0::0:1:2",
                "2001:db8::0.1.0.2"),
            Map.of(
                Keying.PLAIN,
                "2001%3Adb8%3A%3A~64",
                WHOLE,
                "2001%3Adb8%3A%3A1%3A2~128",
                NARROW,
                "2001%3Adb8%3A%3A~48",
                NONE,
                "%3A%3A~0",
                SECRET,
                "#6QOZPwpMhwCleC0414iqpw~",
                SECRET_NARROW,
                "#uBGYGRDFQ5CyPM82alLnyA~")),
        new Spelt(
            List.of("::1", "0:0:0:0:0:0:0:1", "::0:1", "0::1", "::0.0.0.1", "::0001"),
            Map.of(Keying.PLAIN, "%3A%3A~64", WHOLE, "%3A%3A1~128", NARROW, "%3A%3A~48")),
        new Spelt(
            List.of("64:ff9b::1.2.3.4", "64:ff9b::102:304", "0064:FF9B::102:304"),
            Map.of(Keying.PLAIN, "64%3Aff9b%3A%3A~64", WHOLE, "64%3Aff9b%3A%3A102%3A304~128")));
  }

  @ParameterizedTest
  @MethodSource("addresses")
  void spellingsOfAnAddress_areOneCounter_underEachPrefixAndHash(Spelt address) {
    address.keys.forEach(
        (keying, expected) -> {
          for (String text : address.texts) {
            assertEquals(expected, valueIn(keying, text), text);
          }
          Rule rule = rule("r", keying, "ip");
          assertEquals(
              1,
              address.texts.stream()
                  .map(text -> CounterKeys.share("edge", rule, Map.of("ip", text)))
                  .distinct()
                  .count());
          assertEquals(
              1,
              address.texts.stream()
                  .map(
                      text ->
                          CounterKeys.counter(
                              ValueHash.PLAIN, "d", List.of("ip"), rule, Map.of("ip", text)))
                  .distinct()
                  .count());
        });
  }

  /**
   * As they were before, for instances of both versions share the counters of a rolling upgrade.
   */
  @Test
  void keysOfOrdinaryTexts_areAsTheyWere() {
    Map<String, String> pinned = new HashMap<>();
    pinned.put("192.0.2.7", "192.0.2.7");
    pinned.put("2001:db8:1:2:3:4:5:6", "2001%3Adb8%3A1%3A2%3A%3A~64");
    pinned.put("alice@example.org", "alice@example.org");
    pinned.put("01.2.3.4", "01.2.3.4");
    pinned.put("1.2.3", "1.2.3");
    pinned.put("a:b", "a%3Ab");
    pinned.put("[::1]", "%5B%3A%3A1%5D");
    pinned.put("::1/64", "%3A%3A1/64");
    pinned.put("x".repeat(65), "#lTfF_fEgSC99WNJentWD9Q");
    pinned.forEach((text, expected) -> assertEquals(expected, valueIn(Keying.PLAIN, text)));
    Rule plain = rule("r", Keying.PLAIN, "v");
    Rule secret = rule("r", SECRET_NARROW, "v");
    assertEquals("limiter:{edge|cfe83b72}:r:t:1.2.3.4", key(plain, Map.of("v", "1.2.3.4")));
    assertEquals(
        "limiter:{edge|d4354f88}:r:t:2001%3Adb8%3A%3A~64",
        key(plain, Map.of("v", "2001:db8::1:2")));
    assertEquals(
        "limiter:{edge|f2ec74f7}:r:t:#uBGYGRDFQ5CyPM82alLnyA~",
        key(secret, Map.of("v", "2001:db8::1:2")));
    assertEquals(
        "limiter:{edge|14aee17c}:r:t:#bRaraV3XkR28-XcT9LwmwQ", key(secret, Map.of("v", "[::1]")));
  }

  /** What only some hosts or some readers take for an address counts as the text that it is. */
  @Test
  void whatIsNoAddress_countsAsItsText() {
    for (Keying keying : List.of(Keying.PLAIN, NARROW, WHOLE, NONE)) {
      assertEquals("%3A%3A1%25lo", valueIn(keying, "::1%lo"));
      assertEquals("%3A%3A1%25nosuch", valueIn(keying, "::1%nosuch"));
      assertEquals("fe80%3A%3A2%251", valueIn(keying, "fe80::2%1"));
      assertEquals("010.1.1.1", valueIn(keying, "010.1.1.1"));
      assertEquals("%uFF11.2.3.4", valueIn(keying, "１.2.3.4"));
      assertEquals("%3A%3A%uFF11", valueIn(keying, "::１"));
      assertEquals("%3A%3A1%0A", valueIn(keying, "::1\n"));
    }
  }

  @Test
  void aLongValue_countsByItsHash_whateverItsLength() {
    assertEquals("#lTfF_fEgSC99WNJentWD9Q", valueIn(Keying.PLAIN, "x".repeat(65)));
    for (int length : new int[] {66, 1_023, 1_024, 1_025, 4_096, 4_097, 100_000, 1_000_000}) {
      String value = "x".repeat(length);
      assertEquals("#" + CounterKeys.digest(value), valueIn(Keying.PLAIN, value));
      assertEquals("#" + CounterKeys.digest(value), valueIn(SECRET, value));
    }
  }

  @Test
  void aLongValueInManyKeys_isTheSameInEach() {
    String one = "a".repeat(5_000);
    String other = "b".repeat(5_000);
    Rule rule = rule("r", Keying.PLAIN, "x", "y");
    Rule secret = rule("r", SECRET, "y", "x");
    Map<String, String> attributes = Map.of("x", one, "y", other);
    List<String> together =
        CounterKeys.counters(
            ValueHash.PLAIN, "d", List.of("x"), List.of(rule, secret, rule, rule), attributes);
    assertEquals(
        CounterKeys.counter(ValueHash.PLAIN, "d", List.of("x"), rule, attributes), together.get(0));
    assertEquals(
        CounterKeys.counter(ValueHash.PLAIN, "d", List.of("x"), secret, attributes),
        together.get(1));
    assertEquals(together.get(0), together.get(2));
    assertEquals(together.get(0), together.get(3));
  }

  private static String valueIn(Keying keying, String value) {
    String key = key(rule("r", keying, "v"), Map.of("v", value));
    return key.substring(key.indexOf("}:r:t:") + "}:r:t:".length());
  }
}
