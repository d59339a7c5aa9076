package io.limiter.server.store;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/**
 * The random 128-bit name of the record of a charge. Whoever holds it can give the charge back,
 * once.
 */
public record Receipt(long high, long low) {
  /** How long a receipt is on the wire. */
  public static final int BYTES = 16;

  /**
   * Reads a receipt as {@link #toBytes} wrote it.
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
    return new Receipt(buffer.getLong(), buffer.getLong());
  }

  /** The receipt as callers see it. */
  public byte[] toBytes() {
    return ByteBuffer.allocate(BYTES).putLong(high).putLong(low).array();
  }

  /** The receipt as 32 hexadecimal digits. */
  public String hex() {
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(high) + hex.toHexDigits(low);
  }
}
