package io.limiter.server.rules.index;

import io.limiter.server.key.Address;
import org.jspecify.annotations.Nullable;

/**
 * IP addresses as texts of bits: {@code 4} or {@code 6}, then a {@code 0} or {@code 1} for each
 * bit. A network contains an address exactly when its text is a prefix of the address's. See {@link
 * Address} for what an address is.
 */
final class AddressBits {
  private AddressBits() {}

  /** The bits of an address, or null for any other text. */
  static @Nullable String of(String text) {
    Address address = Address.of(text);
    if (address == null) {
      return null;
    }
    byte[] bytes = address.toBytes();
    StringBuilder bits = new StringBuilder(1 + 8 * bytes.length);
    bits.append(address.isIpv4() ? '4' : '6');
    for (byte octet : bytes) {
      for (int bit = 7; bit >= 0; bit--) {
        bits.append((char) ('0' + ((octet >> bit) & 1)));
      }
    }
    return bits.toString();
  }

  /** The address of these bits, those that are missing being 0. */
  static String show(String bits) {
    byte[] bytes = new byte[bits.charAt(0) == '4' ? 4 : 16];
    for (int i = 1; i < bits.length(); i++) {
      bytes[(i - 1) / 8] |= (byte) ((bits.charAt(i) - '0') << (7 - (i - 1) % 8));
    }
    return Address.of(bytes).toString();
  }
}
