package io.limiter.server.key;

import org.jspecify.annotations.Nullable;

/**
 * An IP address, read from nothing but its text: the same on every host. Never asks the resolver or
 * the network interfaces. Immutable.
 *
 * <p>What is an address: the texts of RFC 4291, section 2.2, in ASCII, without a zone, a port or
 * brackets. So an octet of IPv4 has no leading zero, which some take for octal. Anything else is
 * plain text.
 *
 * <p>Texts of one address are equal: upper case, leading zeros in a group, {@code ::}, and dotted
 * or hexadecimal digits at the end make no difference. An IPv4-mapped IPv6 address ({@code
 * ::ffff:0:0/96}) is the IPv4 address, since that is how a dual-stack listener names an IPv4 peer.
 * Other addresses that hold an IPv4 address are IPv6 addresses: who owns them is not known.
 */
public final class Address {
  /** The longest text of an address, in UTF-16 units. */
  static final int LONGEST = 45;

  private static final int SHORTEST = 2;
  private static final int GROUPS = 8;
  private static final int GROUP_BITS = 16;
  private static final int NONE = -1;

  private final boolean ipv4;

  /** The upper 64 bits; 0 of an IPv4 address. */
  private final long high;

  /** The lower 64 bits; of an IPv4 address all of its 32. */
  private final long low;

  private Address(boolean ipv4, long high, long low) {
    this.ipv4 = ipv4;
    this.high = high;
    this.low = low;
  }

  /** The address that a text is, or null if it is none. Takes no time over long texts. */
  public static @Nullable Address of(String text) {
    if (text.length() < SHORTEST || text.length() > LONGEST) {
      return null;
    }
    if (text.indexOf(':') >= 0) {
      return ipv6(text);
    }
    long octets = octets(text, 0);
    return octets == NONE ? null : new Address(true, 0, octets);
  }

  /**
   * The address of these bytes, most significant first.
   *
   * @param bytes 4, or 16 of an address that is not IPv4-mapped
   */
  public static Address of(byte[] bytes) {
    long high = 0;
    long low = 0;
    for (byte octet : bytes) {
      high = high << Byte.SIZE | low >>> (Long.SIZE - Byte.SIZE);
      low = low << Byte.SIZE | (octet & 0xFF);
    }
    return new Address(bytes.length == 4, high, low);
  }

  /** Four decimal octets that are all the rest of a text; {@link #NONE} if it is something else. */
  private static long octets(String text, int from) {
    long octets = 0;
    int at = from;
    for (int i = 0; i < 4; i++) {
      if (i > 0 && (at == text.length() || text.charAt(at++) != '.')) {
        return NONE;
      }
      int start = at;
      int octet = 0;
      while (at < text.length() && at - start < 3 && isDecimal(text.charAt(at))) {
        octet = 10 * octet + text.charAt(at++) - '0';
      }
      boolean leadingZero = at - start > 1 && text.charAt(start) == '0';
      if (at == start || octet > 255 || leadingZero) {
        return NONE;
      }
      octets = octets << Byte.SIZE | octet;
    }
    return at == text.length() ? octets : NONE;
  }

  /** Groups before the {@code ::}, if there is one, are put aside; the zeros come between. */
  private static @Nullable Address ipv6(String text) {
    int end = text.length();
    int at = 0;
    long high = 0;
    long low = 0;
    int groups = 0;
    int before = NONE;
    long highBefore = 0;
    long lowBefore = 0;
    if (text.charAt(0) == ':') {
      if (text.charAt(1) != ':') {
        return null;
      }
      before = 0;
      at = 2;
    }
    while (at < end) {
      int start = at;
      int group = 0;
      while (at < end && at - start < 4 && hexadecimal(text.charAt(at)) >= 0) {
        group = group << 4 | hexadecimal(text.charAt(at++));
      }
      boolean dotted = at < end && text.charAt(at) == '.';
      long part = dotted ? octets(text, start) : group;
      int wide = dotted ? 2 : 1;
      groups += wide;
      if (at == start || part == NONE || groups > GROUPS) {
        return null;
      }
      high = high << (wide * GROUP_BITS) | low >>> (Long.SIZE - wide * GROUP_BITS);
      low = low << (wide * GROUP_BITS) | part;
      if (dotted || at == end) {
        break;
      }
      if (text.charAt(at++) != ':' || at == end) {
        return null;
      }
      if (text.charAt(at) == ':') {
        if (before != NONE) {
          return null;
        }
        at++;
        before = groups;
        highBefore = high;
        lowBefore = low;
        high = 0;
        low = 0;
      }
    }
    if (before == NONE ? groups != GROUPS : groups == GROUPS) {
      return null;
    }
    if (before > 0) {
      int shift = GROUP_BITS * (GROUPS - before);
      high |=
          shift < Long.SIZE
              ? highBefore << shift | lowBefore >>> (Long.SIZE - shift)
              : lowBefore << (shift - Long.SIZE);
      low |= shift < Long.SIZE ? lowBefore << shift : 0;
    }
    return high == 0 && low >>> Integer.SIZE == 0xFFFF
        ? new Address(true, 0, low & 0xFFFF_FFFFL)
        : new Address(false, high, low);
  }

  private static boolean isDecimal(char c) {
    return c >= '0' && c <= '9';
  }

  /** The digit's value; {@link #NONE} for what is no hexadecimal digit of ASCII. */
  private static int hexadecimal(char c) {
    if (isDecimal(c)) {
      return c - '0';
    }
    int lower = c | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : NONE;
  }

  /** Whether it has 32 bits, and not 128. */
  public boolean isIpv4() {
    return ipv4;
  }

  /**
   * The address with all bits after the prefix zero.
   *
   * @param prefix 0 to 32, or to 128 of an IPv6 address
   */
  public Address network(int prefix) {
    return ipv4
        ? new Address(true, 0, low & first(prefix, Integer.SIZE))
        : new Address(
            false,
            high & first(Math.min(prefix, Long.SIZE), Long.SIZE),
            low & first(Math.max(prefix - Long.SIZE, 0), Long.SIZE));
  }

  /** A mask of the first of so many bits. */
  private static long first(int count, int bits) {
    return count == 0 ? 0 : -1L << (bits - count);
  }

  /** Its 4 or 16 bytes, most significant first. */
  public byte[] toBytes() {
    byte[] bytes = new byte[ipv4 ? 4 : 16];
    for (int i = 0; i < bytes.length; i++) {
      int shift = Byte.SIZE * (bytes.length - 1 - i);
      bytes[i] = (byte) (shift < Long.SIZE ? low >>> shift : high >>> (shift - Long.SIZE));
    }
    return bytes;
  }

  /** As RFC 5952 writes it: lower case, and the first of the longest runs of zeros left out. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(LONGEST);
    if (ipv4) {
      for (int shift = 24; shift >= 0; shift -= 8) {
        text.append(low >>> shift & 0xFF).append(shift > 0 ? "." : "");
      }
      return text.toString();
    }
    int longest = 1;
    int from = NONE;
    for (int i = 0, run = 0; i < GROUPS; i++) {
      run = group(i) == 0 ? run + 1 : 0;
      if (run > longest) {
        longest = run;
        from = i + 1 - run;
      }
    }
    for (int i = 0; i < GROUPS; i++) {
      if (i == from) {
        text.append("::");
        i += longest - 1;
      } else {
        text.append(i > 0 && i != from + longest ? ":" : "").append(Integer.toHexString(group(i)));
      }
    }
    return text.toString();
  }

  private int group(int index) {
    long half = index < GROUPS / 2 ? high : low;
    return (int) (half >>> (GROUP_BITS * (GROUPS / 2 - 1 - index % (GROUPS / 2)))) & 0xFFFF;
  }
}
