package io.limiter.server.store;

import com.google.common.hash.Hashing;
import io.limiter.algorithm.Algorithm;
import io.limiter.server.rules.DescriptorMatch;
import io.limiter.server.rules.RateUnit;
import io.limiter.server.rules.Rule;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Builds every Redis key. This is the only place where one is put together.
 *
 * <p>A counter's key is {@code limiter:{<domain>|<tag>}:<rule>:<algorithm letter>:<values>}. Every
 * part is escaped, so that two counters never share a key. An IPv6 address, and an IPv4 address
 * under a prefix, stands as its network and {@code ~} with the prefix. Redis Cluster places a key
 * by what stands between the braces: the tag is a hash of the counter's identity, so that load
 * spreads, or the values of the domain's partition, so that all its counters of one value share a
 * slot. A candidate has the tag of its rule.
 *
 * <p>A value of more than {@value #LONGEST_VALUE} bytes, or one marked as secret, is replaced by
 * {@code #} and the first 128 bits of its SHA-256.
 */
public final class CounterKeys {
  /** The longest attribute value that stands in a key as it is, in UTF-8 bytes. */
  public static final int LONGEST_VALUE = 64;

  private static final String PREFIX = "limiter:{";
  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  private CounterKeys() {}

  /**
   * The keys of the counters that {@code rules} keep for these attributes, in the same order. A
   * candidate shares the slot of the rule before it: one script asks both.
   *
   * @param partition the domain's partition; its counters of one value share a slot
   * @param rules each candidate behind the rule that it stands in for
   * @param attributes must hold every attribute in the rules' keys
   */
  public static List<String> counters(
      String domain, List<String> partition, List<Rule> rules, Map<String, String> attributes) {
    List<String> keys = new ArrayList<>(rules.size());
    StringBuilder key = new StringBuilder(96);
    StringBuilder values = new StringBuilder(48);
    String tag = "";
    for (int i = 0; i < rules.size(); i++) {
      Rule rule = rules.get(i);
      boolean candidate = rule.mode().kind() == Rule.Mode.Kind.CANDIDATE;
      String name = rule.keying().named() ? "~" + part(rule.name()) : part(rule.name());
      values.setLength(0);
      values.append(':').append(rule.limit().algorithm().letter());
      appendValues(rule, attributes, values);
      if (!candidate || keys.isEmpty()) {
        tag = tag(partition, rule, attributes, name, values);
      }
      key.setLength(0);
      key.append(PREFIX).append(part(domain)).append('|').append(tag).append("}:").append(name);
      // No other part has a circumflex: it is escaped there.
      keys.add(key.append(candidate ? "^" : "").append(values).toString());
    }
    return keys;
  }

  /** The key of the counter that a rule keeps for these attributes. */
  public static String counter(
      String domain, List<String> partition, Rule rule, Map<String, String> attributes) {
    return counters(domain, partition, List.of(rule), attributes).get(0);
  }

  private static void appendValues(
      Rule rule, Map<String, String> attributes, StringBuilder values) {
    for (int i = 0; i < rule.key().size(); i++) {
      String name = rule.key().get(i);
      values.append(':');
      if (rule.keying().named()) {
        values.append(part(name)).append('=');
      }
      values.append(value(rule.keying(), attributes.getOrDefault(name, "")));
    }
    if (rule.key().isEmpty()) {
      values.append(':');
    }
  }

  /** Of a rule and not of its candidate: both have one. */
  private static String tag(
      List<String> partition,
      Rule rule,
      Map<String, String> attributes,
      String name,
      StringBuilder values) {
    if (!partition.isEmpty() && rule.key().containsAll(partition)) {
      return partitionTag(partition, rule, attributes);
    }
    int hash = name.hashCode();
    for (int i = 0; i < values.length(); i++) {
      hash = 31 * hash + values.charAt(i);
    }
    return HexFormat.of().toHexDigits(hash);
  }

  /**
   * The key of the counter of a descriptor: {@code @} for the name of a rule, or {@code @minute}
   * for a limit that the request brought, and each entry's key and value, joined by {@code =}, or
   * by {@code ~} where a wildcard's values are counted together.
   */
  public static String descriptor(String domain, DescriptorMatch.Counter counter) {
    StringBuilder identity = new StringBuilder(64);
    RateUnit override = counter.override();
    identity.append('@');
    if (override != null) {
      identity.append(override.name().toLowerCase(Locale.ROOT));
    }
    identity.append(':').append(Algorithm.FIXED_WINDOW.letter());
    for (DescriptorMatch.Part part : counter.parts()) {
      identity.append(':').append(part(part.key()));
      identity.append(part.shared() ? '~' : '=').append(part(part.value()));
    }
    String tag = HexFormat.of().toHexDigits(identity.toString().hashCode());
    return PREFIX + part(domain) + '|' + tag + "}:" + identity;
  }

  /**
   * Where a key stands among all keys of a rule, 0 to 9999: the same on every instance and in every
   * version, for every algorithm and partition, and another for another rule.
   */
  public static int share(String domain, Rule rule, Map<String, String> attributes) {
    StringBuilder identity = new StringBuilder(64);
    identity.append(part(domain)).append('|').append(part(rule.name()));
    for (String name : rule.key()) {
      identity.append(':').append(value(rule.keying(), attributes.getOrDefault(name, "")));
    }
    long hash =
        Hashing.farmHashFingerprint64().hashString(identity, StandardCharsets.UTF_8).asLong();
    return (int) Long.remainderUnsigned(hash, Rule.Mode.ALL);
  }

  private static String partitionTag(
      List<String> partition, Rule rule, Map<String, String> attributes) {
    StringBuilder tag = new StringBuilder();
    for (String name : partition) {
      tag.append(tag.isEmpty() ? "=" : ":")
          .append(value(rule.keying(), attributes.getOrDefault(name, "")));
    }
    return tag.toString();
  }

  /** The key under which the first answer to a question is kept. */
  public static String idempotency(String domain, String idempotencyKey) {
    return PREFIX + part(domain) + "|idempotency}:" + part(idempotencyKey);
  }

  /** The key of the record that a receipt names. */
  public static String receipt(Receipt receipt) {
    return PREFIX + "|receipt}:" + receipt.hex();
  }

  private static String value(Rule.Keying keying, String value) {
    int prefix = Addresses.prefixFor(value, keying.ipv4Prefix(), keying.ipv6Prefix());
    if (prefix == Addresses.NONE) {
      return keying.hash() ? '#' + digest(value) : part(value);
    }
    // The tilde stands nowhere else: no other value can look like a network.
    String network = part(Addresses.network(value, prefix)) + '~' + prefix;
    return keying.hash() ? '#' + digest(network) + '~' : network;
  }

  private static String part(String text) {
    if (text.length() > LONGEST_VALUE / 3
        && text.getBytes(StandardCharsets.UTF_8).length > LONGEST_VALUE) {
      return '#' + digest(text);
    }
    for (int i = 0; i < text.length(); i++) {
      if (!standsForItself(text.charAt(i))) {
        return escaped(text);
      }
    }
    return text;
  }

  private static String escaped(String text) {
    StringBuilder out = new StringBuilder(text.length() + 16);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (standsForItself(c)) {
        out.append(c);
      } else if (c < 256) {
        out.append('%').append(HEX.toHexDigits((byte) c));
      } else {
        out.append("%u").append(HEX.toHexDigits(c));
      }
    }
    return out.toString();
  }

  private static boolean standsForItself(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || "-_./@+,;!$&'()*".indexOf(c) >= 0;
  }

  /** A short name for a long text: 128 bits of its SHA-256, in 22 characters. */
  public static String digest(String text) {
    try {
      byte[] all =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(all, 16));
    } catch (NoSuchAlgorithmException impossible) {
      throw new AssertionError("every Java runtime has SHA-256", impossible);
    }
  }
}
