package io.limiter.server.key;

import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Builds the Redis keys of what lies beside counters, each in the slot of the counter that it is
 * about: answers, receipts, what is learned, what is held. No counter has an exclamation mark or a
 * circumflex where these have one.
 */
public final class RecordKeys {
  /** The name of no hold. */
  public static final String NO_HOLD = "-----------";

  private static final String IDEMPOTENCY = "!idempotency:";

  private RecordKeys() {}

  /**
   * The key under which the first answer to a question is kept: in the slot of its first counter,
   * and apart from the same caller's key for another first counter.
   *
   * @param values how secrets are hashed: with a secret the key is one, since what it is compared
   *     with was made with that
   * @param counter the whole key of the question's first counter
   */
  public static String idempotency(ValueHash values, String counter, String idempotencyKey) {
    return record(values, counter, idempotencyKey).toString();
  }

  private static KeyText record(ValueHash values, String counter, String idempotencyKey) {
    KeyText text = new KeyText(values).marks(braces(counter)).marks(IDEMPOTENCY);
    return values.isKeyed() ? text.secret(idempotencyKey) : text.part(idempotencyKey);
  }

  /**
   * Where the answer is kept to a question that is one of several.
   *
   * @param values as of {@link #idempotency}
   * @param counter the whole key of the question's first counter
   * @param place which one it is, from 0
   */
  public static String idempotencyOfAlternative(
      ValueHash values, String counter, String idempotencyKey, int place) {
    return record(values, counter, idempotencyKey)
        .mark(':')
        .part(Integer.toString(place))
        .toString();
  }

  /**
   * Where the answer about some of a question's counters is kept, those in one slot.
   *
   * @param counter the whole key of one of them
   * @param idempotency the key that {@link #idempotency} made for the question
   * @param following whether it is about the counters that are asked last
   */
  public static String idempotencyOfPart(String counter, String idempotency, boolean following) {
    String name = idempotency.substring(idempotency.indexOf('}') + 1 + IDEMPOTENCY.length());
    return braces(counter) + (following ? "!following:" : "!part:") + name;
  }

  /**
   * Where it is learned what a counter's upstream admits, in the same slot. No part has a
   * circumflex: it is escaped there.
   *
   * @param counter its whole key
   */
  public static String learned(String counter) {
    return counter + "^learned";
  }

  /**
   * Where a counter keeps its holds, in the same slot: three keys.
   *
   * @param counter its whole key
   */
  public static List<String> book(String counter) {
    return List.of(counter + "^holds", counter + "^aside", counter + "^order");
  }

  /** A name for the holds of one question, of 64 random bits: {@link #NO_HOLD} is as long. */
  public static String holdName(RandomGenerator random) {
    byte[] bits = ByteBuffer.allocate(Long.BYTES).putLong(random.nextLong()).array();
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bits);
  }

  /**
   * Where it is stored which tenants of a shared counter are active, in the same slot.
   *
   * @param counter its whole key
   */
  public static String sharers(String counter) {
    return counter + "^shares";
  }

  /**
   * The record of a tenant of a shared counter, in the same slot. The scripts make the same keys.
   *
   * @param counter its whole key
   * @param tenant as {@link CounterKeys#tenant} writes it
   */
  public static String sharer(String counter, String tenant) {
    return counter + "^share:" + tenant;
  }

  /** The key of a counter that never is, in the slot of another. */
  public static String never(String counter) {
    return braces(counter) + "!never";
  }

  /** The key of nothing, in a slot. */
  public static String inSlot(int slot) {
    return CounterKeys.PREFIX + Slots.tag(slot) + "}!";
  }

  private static String braces(String counter) {
    return counter.substring(0, counter.indexOf('}') + 1);
  }

  /** The key of the record that a receipt names. No counter has an exclamation mark there. */
  public static String receipt(Receipt receipt) {
    return CounterKeys.PREFIX + Slots.tag(receipt.slot()) + "}!receipt:" + receipt.hex();
  }
}
