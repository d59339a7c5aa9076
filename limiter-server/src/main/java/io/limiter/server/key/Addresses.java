package io.limiter.server.key;

import com.google.common.net.InetAddresses;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** IP addresses as parts of a counter's key. Never asks DNS. */
final class Addresses {
  /** No prefix: the text is no address, or an IPv4 address that counts whole. */
  static final int NONE = -1;

  private static final int LONGEST_IPV4 = 15;

  private Addresses() {}

  /**
   * The prefix that {@code text} counts by if it is an address. An IPv4 address in IPv6 clothes
   * counts as the IPv4 address.
   */
  static int prefixFor(String text, int ipv4Prefix, int ipv6Prefix) {
    boolean six = text.indexOf(':') >= 0;
    if (!six && (ipv4Prefix == 32 || text.length() > LONGEST_IPV4)) {
      return NONE;
    }
    if (!InetAddresses.isInetAddress(text)) {
      return NONE;
    }
    return InetAddresses.forString(text) instanceof Inet4Address ? ipv4Prefix : ipv6Prefix;
  }

  /** The address with all bits after the prefix zero, in its canonical form. */
  static String network(String text, int prefix) {
    byte[] bytes = InetAddresses.forString(text).getAddress();
    for (int i = 0; i < bytes.length; i++) {
      int kept = Math.max(0, Math.min(8, prefix - 8 * i));
      bytes[i] &= (byte) (0xFF << (8 - kept));
    }
    try {
      return InetAddresses.toAddrString(InetAddress.getByAddress(bytes));
    } catch (UnknownHostException impossible) {
      throw new AssertionError("an address has 4 or 16 bytes", impossible);
    }
  }
}
