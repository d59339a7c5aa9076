package io.limiter.server.key;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The name of the record of a charge: a Redis Cluster's slot, in which the charged counters lie,
 * and 128 random bits. Whoever holds it can give the charge back, once. A charge of counters in
 * several slots has a record in each.
 *
 * @param slot 0 to 16383
 * @param others the further slots of a charge in several
 */
public record Receipt(int slot, long high, long low, List<Integer> others) {
  /** How long a receipt of one slot is on the wire. */
  public static final int BYTES = Short.BYTES + 2 * Long.BYTES;

  /** The most further slots, so that a forged receipt is not a flood of calls. */
  public static final int MOST_OTHERS = 64;

  private static final int MOST_BYTES = BYTES + MOST_OTHERS * Short.BYTES;

  public Receipt {
    if (slot < 0 || slot >= Slots.COUNT) {
      throw new IllegalArgumentException(
          "slot %d is out of range; use 0 to %d".formatted(slot, Slots.COUNT - 1));
    }
    others = List.copyOf(others);
  }

  /** Of one slot. */
  public Receipt(int slot, long high, long low) {
    this(slot, high, low, List.of());
  }

  /** Whether a receipt may be so long. */
  public static boolean isLength(int bytes) {
    return bytes >= BYTES && bytes <= MOST_BYTES && (bytes - BYTES) % Short.BYTES == 0;
  }

  /** What is said of a receipt that {@link #isLength} refuses. */
  public static String wrongLength(int bytes) {
    return "is %d bytes long; pass the %d or more bytes that came with the answer"
        .formatted(bytes, BYTES);
  }

  /** The record in each slot. */
  public List<Receipt> inEachSlot() {
    List<Receipt> all = new ArrayList<>(1 + others.size());
    all.add(new Receipt(slot, high, low));
    others.forEach(other -> all.add(new Receipt(other, high, low)));
    return all;
  }

  /**
   * One receipt for what was charged in several slots under the random bits of the first.
   *
   * @return null for no charge, and where it would name too many slots
   */
  public static @Nullable Receipt joined(List<Receipt> charged) {
    if (charged.isEmpty()) {
      return null;
    }
    Receipt first = charged.get(0);
    List<Integer> others =
        charged.stream()
            .filter(one -> one.high() == first.high() && one.low() == first.low())
            .map(Receipt::slot)
            .filter(slot -> slot != first.slot())
            .distinct()
            .toList();
    return others.size() > MOST_OTHERS
        ? null
        : new Receipt(first.slot(), first.high(), first.low(), others);
  }

  /** A receipt of a random name, for what is charged to a counter. */
  public static Receipt forCounter(String key, RandomGenerator random) {
    return forCounter(key, random.nextLong(), random.nextLong());
  }

  /** A receipt for the charge of a counter, and of others in its slot, by 128 random bits. */
  public static Receipt forCounter(String key, long high, long low) {
    return new Receipt(Slots.of(key), high, low);
  }

  /**
   * Reads a receipt as {@link #toBytes} wrote it. What nobody wrote names a record that is not
   * there.
   *
   * @throws IllegalArgumentException when no receipt is so long
   */
  public static Receipt of(byte[] bytes) {
    if (!isLength(bytes.length)) {
      throw new IllegalArgumentException("receipt " + wrongLength(bytes.length));
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    int slot = slot(buffer);
    long high = buffer.getLong();
    long low = buffer.getLong();
    List<Integer> others = new ArrayList<>(0);
    while (buffer.hasRemaining()) {
      others.add(slot(buffer));
    }
    return new Receipt(slot, high, low, others);
  }

  private static int slot(ByteBuffer buffer) {
    return buffer.getShort() & Slots.COUNT - 1;
  }

  /** The receipt as callers see it. */
  public byte[] toBytes() {
    ByteBuffer buffer = ByteBuffer.allocate(BYTES + others.size() * Short.BYTES);
    buffer.putShort((short) slot).putLong(high).putLong(low);
    others.forEach(other -> buffer.putShort(other.shortValue()));
    return buffer.array();
  }

  /** The first slot and the random bits as 36 hexadecimal digits. */
  public String hex() {
    return HexFormat.of().formatHex(toBytes(), 0, BYTES);
  }
}
