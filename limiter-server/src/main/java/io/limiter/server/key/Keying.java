package io.limiter.server.key;

/**
 * How attribute values are written into a counter's key.
 *
 * @param hash whether every value is replaced by its hash, because it is a secret
 * @param ipv4Prefix the bits of an IPv4 address that count, 0 to 32
 * @param ipv6Prefix the bits of an IPv6 address that count, 0 to 128
 * @param named whether the attributes' names are written too: for a caller's own rules, where the
 *     same name may come with another key
 */
public record Keying(boolean hash, int ipv4Prefix, int ipv6Prefix, boolean named) {
  /** Values as they are; an IPv6 address counts as its /64. */
  public static final Keying PLAIN = new Keying(false, 32, 64, false);

  /** The same, for a rule that comes with a request. */
  public static final Keying INLINE = new Keying(false, 32, 64, true);
}
