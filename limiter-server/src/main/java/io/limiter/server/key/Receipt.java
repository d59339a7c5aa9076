package io.limiter.server.key;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/**
 * The name of the record of a charge: a Redis Cluster's slot, in which the charged counters lie,
 * and 128 random bits. Whoever holds it can give the charge back, once.
 *
 * @param slot 0 to 16383
 */
public record Receipt(int slot, long high, long low) {
  /** How long a receipt is on the wire. */
  public static final int BYTES = Short.BYTES + 2 * Long.BYTES;

  public Receipt {
    if (slot < 0 || slot >= Slots.COUNT) {
      throw new IllegalArgumentException(
          "slot %d is out of range; use 0 to %d".formatted(slot, Slots.COUNT - 1));
    }
  }

  /** A receipt for the charge of a counter, and of others in its slot, by 128 random bits. */
  public static Receipt forCounter(String key, long high, long low) {
    return new Receipt(Slots.of(key), high, low);
  }

  /**
   * Reads a receipt as {@link #toBytes} wrote it. What nobody wrote names a record that is not
   * there.
   *
   * @throws IllegalArgumentException when it is not {@value #BYTES} bytes long
   */
  public static Receipt of(byte[] bytes) {
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException(
          "receipt is %d bytes long; pass the %d bytes that came with the answer"
              .formatted(bytes.length, BYTES));
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    return new Receipt(buffer.getShort() & Slots.COUNT - 1, buffer.getLong(), buffer.getLong());
  }

  /** The receipt as callers see it. */
  public byte[] toBytes() {
    return ByteBuffer.allocate(BYTES).putShort((short) slot).putLong(high).putLong(low).array();
  }

  /** The receipt as 36 hexadecimal digits. */
  public String hex() {
    return HexFormat.of().formatHex(toBytes());
  }
}
