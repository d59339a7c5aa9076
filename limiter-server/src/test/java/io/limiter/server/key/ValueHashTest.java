package io.limiter.server.key;

import static io.limiter.server.key.KeyedRules.rule;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

/** What of a secret value stands in keys. */
class ValueHashTest {
  private static final byte[] SECRET = "s".repeat(32).getBytes(StandardCharsets.UTF_8);
  private static final ValueHash KEYED = ValueHash.keyed(SECRET);
  private static final Keying HASHED = new Keying(true, 24, 64, false);
  private static final List<String> VALUES =
      List.of("", "sk-1", "ü", "x".repeat(65), "x".repeat(5_000), "1.2.3.4", "2001:db8::1");

  private static byte[] hmac(byte[] key, String text) throws GeneralSecurityException {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String key(ValueHash values, Keying keying, String value) {
    return CounterKeys.counter(
        values, "edge", List.of(), rule("r", keying, "v"), Map.of("v", value));
  }

  /** Counters that live in Redis are lost when this changes. */
  @Test
  void form_isTheFirst128BitsOfAnHmac_underAKeyOfItsOwn() throws GeneralSecurityException {
    byte[] all = hmac(hmac(SECRET, "limiter values v1"), "sk-1");
    String expected =
        Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(all, 16));
    assertEquals(expected, KEYED.digest("sk-1"));
    assertTrue(key(KEYED, HASHED, "sk-1").endsWith("}:r:t:>" + expected));
  }

  @Test
  void withoutASecret_keysAreAsTheyEverWere() {
    assertEquals(
        "limiter:{edge|7abb3ec1}:r:t:#DywQvz0SjHGca_pOy66Utw",
        key(ValueHash.PLAIN, HASHED, "sk-1"));
    assertFalse(ValueHash.PLAIN.isKeyed());
  }

  @Test
  void aKeyedHash_isNeverTakenForAnother_andNoLonger() {
    ValueHash other = ValueHash.keyed("t".repeat(32).getBytes(StandardCharsets.UTF_8));
    for (String value : VALUES) {
      String plain = key(ValueHash.PLAIN, HASHED, value);
      String keyed = key(KEYED, HASHED, value);
      assertEquals(plain.length(), keyed.length());
      assertNotEquals(plain, keyed);
      assertNotEquals(keyed, key(other, HASHED, value));
      assertEquals(keyed, key(ValueHash.keyed(SECRET), HASHED, value));
      // Whoever chooses a value cannot write the mark.
      String copied = keyed.substring(keyed.lastIndexOf(':') + 1);
      assertFalse(key(KEYED, Keying.PLAIN, copied).contains(">"));
    }
  }

  @Test
  void addressesOfOneNetwork_areOneValue() {
    assertEquals(key(KEYED, HASHED, "1.2.3.4"), key(KEYED, HASHED, "1.2.3.5"));
    assertNotEquals(key(KEYED, HASHED, "1.2.3.4"), key(KEYED, HASHED, "1.2.4.4"));
  }

  @Test
  void whatIsNoSecret_staysAsItIs() {
    for (String value : VALUES) {
      assertEquals(
          key(ValueHash.PLAIN, Keying.PLAIN, value), key(KEYED, Keying.PLAIN, value), value);
    }
  }

  /** A long value is digested once for all keys of a question: once in each way. */
  @Test
  void aLongValue_isASecretInOneKey_andNoneInTheNext() {
    String value = "x".repeat(5_000);
    Map<String, String> attributes = Map.of("v", value);
    for (List<Keying> order :
        List.of(List.of(HASHED, Keying.PLAIN, HASHED), List.of(Keying.PLAIN, HASHED))) {
      List<String> keys =
          CounterKeys.counters(
              KEYED,
              "edge",
              List.of("v"),
              order.stream().map(keying -> rule("r", keying, "v")).toList(),
              attributes);
      for (int i = 0; i < order.size(); i++) {
        assertEquals(order.get(i).hash(), keys.get(i).contains(">"));
        assertEquals(order.get(i).hash(), !keys.get(i).contains("#"));
      }
    }
  }

  @Test
  void tenantsAndTagsOfPartitions_areHashedToo() {
    Map<String, String> attributes = Map.of("v", "sk-1");
    String digest = ">" + KEYED.digest("sk-1");
    assertEquals(digest, CounterKeys.tenant(KEYED, HASHED, List.of("v"), attributes));
    assertEquals(
        "limiter:{edge|=" + digest + "}:r:t:" + digest,
        CounterKeys.counter(KEYED, "edge", List.of("v"), rule("r", HASHED, "v"), attributes));
  }

  /** What an idempotency key's record is compared with is made with the secret. */
  @Test
  void anIdempotencyRecord_isAnotherUnderAnotherSecret() {
    String counter = "limiter:{edge|78d04c6d}:r:f:x";
    String record = RecordKeys.idempotency(KEYED, counter, "order-42");
    assertEquals("limiter:{edge|78d04c6d}!idempotency:>" + KEYED.digest("order-42"), record);
    assertEquals(record + ":3", RecordKeys.idempotencyOfAlternative(KEYED, counter, "order-42", 3));
    assertEquals(
        "limiter:{edge|78d04c6d}!idempotency:order-42",
        RecordKeys.idempotency(ValueHash.PLAIN, counter, "order-42"));
  }
}
