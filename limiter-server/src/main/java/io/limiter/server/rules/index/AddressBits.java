package io.limiter.server.rules.index;

import com.google.common.net.InetAddresses;
import org.jspecify.annotations.Nullable;

/**
 * IP addresses as texts of bits: {@code 4} or {@code 6}, then a {@code 0} or {@code 1} for each
 * bit. A network contains an address exactly when its text is a prefix of the address's. Never asks
 * DNS.
 */
final class AddressBits {
  private static final int LONGEST_ADDRESS = 64;

  private AddressBits() {}

  /**
   * The bits of an address, or null for any other text. An IPv4-mapped IPv6 address counts as the
   * IPv4 address. An IPv6 zone is left out.
   */
  static @Nullable String of(String text) {
    int zone = text.indexOf('%');
    String address = zone < 0 ? text : text.substring(0, zone);
    if (address.length() > LONGEST_ADDRESS || !InetAddresses.isInetAddress(address)) {
      return null;
    }
    byte[] bytes = InetAddresses.forString(address).getAddress();
    StringBuilder bits = new StringBuilder(1 + 8 * bytes.length);
    bits.append(bytes.length == 4 ? '4' : '6');
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
    try {
      return InetAddresses.toAddrString(java.net.InetAddress.getByAddress(bytes));
    } catch (java.net.UnknownHostException impossible) {
      throw new AssertionError("an address has 4 or 16 bytes", impossible);
    }
  }
}
