package io.limiter.server.store;

import com.google.common.net.InetAddresses;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** IP addresses as parts of a counter's key. */
final class Addresses {
  private Addresses() {}

  /**
   * The network that an address counts as; any other text as it is. An IPv4 address in IPv6 clothes
   * counts as the IPv4 address.
   */
  static String masked(String text, int ipv4Prefix, int ipv6Prefix) {
    boolean six = text.indexOf(':') >= 0;
    if (!six && (ipv4Prefix == 32 || text.length() > 15)) {
      return text;
    }
    if (!InetAddresses.isInetAddress(text)) {
      return text;
    }
    InetAddress address = InetAddresses.forString(text);
    int prefix = address instanceof Inet4Address ? ipv4Prefix : ipv6Prefix;
    byte[] bytes = address.getAddress();
    for (int i = 0; i < bytes.length; i++) {
      int kept = Math.max(0, Math.min(8, prefix - 8 * i));
      bytes[i] &= (byte) (0xFF << (8 - kept));
    }
    String network = plain(bytes);
    return prefix == 8 * bytes.length ? network : network + '/' + prefix;
  }

  private static String plain(byte[] bytes) {
    try {
      return InetAddresses.toAddrString(InetAddress.getByAddress(bytes));
    } catch (UnknownHostException impossible) {
      throw new AssertionError("an address has 4 or 16 bytes", impossible);
    }
  }
}
