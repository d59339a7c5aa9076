package io.limiter.server.key;

import com.google.common.hash.Hashing;
import io.limiter.algorithm.Algorithm;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Builds the Redis keys of counters. This is the only place where one is put together; what lies
 * beside counters has {@link RecordKeys}.
 *
 * <p>A counter's key is {@code limiter:{<domain>|<tag>}:<rule>:<algorithm letter>:<values>}. Every
 * part is escaped, so that two counters never share a key. An IPv6 address, and an IPv4 address
 * under a prefix, stands as its network and {@code ~} with the prefix; see {@link Address}. Redis
 * Cluster places a key by what stands between the braces: the tag is a hash of the counter's
 * identity, so that load spreads, or the values of the domain's partition, so that all its counters
 * of one value share a slot. A candidate has the tag of its rule. Behind the letter of a counter of
 * millionths stands a {@code $}.
 *
 * <p>A value of more than {@value #LONGEST_VALUE} bytes is replaced by {@code #} and the first 128
 * bits of its SHA-256. One marked as secret is too, or by {@code >} and its hash under the secret
 * that the instances share: see {@link ValueHash}.
 */
public final class CounterKeys {
  /** The longest attribute value that stands in a key as it is, in UTF-8 bytes. */
  public static final int LONGEST_VALUE = 64;

  /** The longest names and values of a caller's own rule that stand in a key as they are. */
  static final int LONGEST_INLINE = 128;

  /** As many places as {@link #share} tells the keys of a rule apart by. */
  public static final int SHARES = 10_000;

  static final String PREFIX = "limiter:{";

  /** Under which instances note that they are there. No counter has it: theirs has a bar in it. */
  public static final String INSTANCES = PREFIX + "instances}";

  /** The channel on which scripts tell which counters were given something back to. */
  public static final String CREDITS = "limiter:credits";

  private CounterKeys() {}

  /**
   * The keys of the counters that {@code rules} keep for these attributes, in the same order. A
   * candidate shares the slot of the rule before it: one script asks both.
   *
   * @param values how secrets among the values are hashed
   * @param partition the domain's partition; its counters of one value share a slot
   * @param rules each candidate behind the rule that it stands in for
   * @param attributes must hold every attribute in the rules' keys
   */
  public static List<String> counters(
      ValueHash values,
      String domain,
      List<String> partition,
      List<? extends CounterOwner> rules,
      Map<String, String> attributes) {
    String[] keys = new String[rules.size()];
    String tag = "";
    int hash = 0;
    KeyText key = new KeyText(values);
    for (int i = 0; i < keys.length; i++) {
      CounterOwner rule = rules.get(i);
      boolean candidate = rule.isCandidate();
      boolean ownTag = i == 0 || !candidate;
      if (ownTag) {
        tag = partitionTag(partition, rule, attributes, key);
      }
      key.clear().marks(PREFIX).part(domain).mark('|');
      int tagAt = key.length();
      int nameAt = key.marks(tag.isEmpty() ? KeyText.PLACE_FOR_HASH : tag).marks("}:").length();
      if (rule.keying().named()) {
        key.mark('~');
      }
      int nameHash = key.part(rule.name()).hash(nameAt, 0);
      if (candidate) {
        // No part has a circumflex: it is escaped there.
        key.mark('^');
      }
      int valuesAt = key.length();
      key.mark(':').mark(rule.limit().algorithm().letter());
      if (rule.countsMillionths()) {
        key.mark('$');
      }
      if (rule.keying().named()) {
        appendNamed(rule.key(), attributes, key);
      } else {
        appendValues(rule, attributes, key);
      }
      if (tag.isEmpty()) {
        hash = ownTag ? key.hash(valuesAt, nameHash) : hash;
        key.setHash(tagAt, hash);
      }
      keys[i] = key.toString();
    }
    return List.of(keys);
  }

  /** The key of the counter that a rule keeps for these attributes. */
  public static String counter(
      ValueHash values,
      String domain,
      List<String> partition,
      CounterOwner rule,
      Map<String, String> attributes) {
    return counters(values, domain, partition, List.of(rule), attributes).get(0);
  }

  /**
   * A tenant among those that share a counter, as it stands in the key of its record.
   *
   * @param key the attributes that make a tenant, which {@code attributes} has
   */
  public static String tenant(
      ValueHash values, Keying keying, List<String> key, Map<String, String> attributes) {
    KeyText text = new KeyText(values);
    for (int i = 0; i < key.size(); i++) {
      if (i > 0) {
        text.mark(':');
      }
      appendValue(keying, attributes.getOrDefault(key.get(i), ""), text);
    }
    return text.toString();
  }

  private static void appendValues(CounterOwner rule, Map<String, String> attributes, KeyText key) {
    for (int i = 0; i < rule.key().size(); i++) {
      String name = rule.key().get(i);
      appendValue(rule.keying(), attributes.getOrDefault(name, ""), key.mark(':'));
    }
    if (rule.key().isEmpty()) {
      key.mark(':');
    }
  }

  /**
   * Names and values of a caller's own rule, in the order of the names, so that they can be reset
   * by the values alone. Nobody looks at many of them, and the caller chooses how many there are:
   * what is long is replaced by its hash.
   */
  private static void appendNamed(List<String> names, Map<String, String> attributes, KeyText key) {
    key.mark(':');
    int first = key.length();
    List<String> sorted = names.size() < 2 ? names : names.stream().sorted().toList();
    for (int i = 0; i < sorted.size(); i++) {
      String name = sorted.get(i);
      if (i > 0) {
        key.mark(':');
      }
      key.part(name).mark('=');
      appendValue(Keying.INLINE, attributes.getOrDefault(name, ""), key);
    }
    key.shorten(first, LONGEST_INLINE);
  }

  /**
   * The keys of the counters that callers' own rules of a name keep whose keys are exactly these
   * attributes: one for each algorithm, since nobody knows which it was.
   */
  public static List<String> inline(String domain, String rule, Map<String, String> attributes) {
    List<String> keys = new ArrayList<>();
    for (Algorithm algorithm : Algorithm.values()) {
      KeyText key = new KeyText().marks(PREFIX).part(domain).mark('|');
      int tagAt = key.length();
      int nameAt = key.marks(KeyText.PLACE_FOR_HASH).marks("}:").length();
      int nameHash = key.mark('~').part(rule).hash(nameAt, 0);
      int valuesAt = key.length();
      key.mark(':').mark(algorithm.letter());
      appendNamed(List.copyOf(attributes.keySet()), attributes, key);
      key.setHash(tagAt, key.hash(valuesAt, nameHash));
      keys.add(key.toString());
    }
    return keys;
  }

  /** What stands between the braces beside the domain; empty for a hash of rule and values. */
  private static String partitionTag(
      List<String> partition, CounterOwner rule, Map<String, String> attributes, KeyText tag) {
    if (partition.isEmpty() || !rule.key().containsAll(partition)) {
      return "";
    }
    tag.clear();
    for (String name : partition) {
      tag.mark(tag.length() == 0 ? '=' : ':');
      appendValue(rule.keying(), attributes.getOrDefault(name, ""), tag);
    }
    return tag.toString();
  }

  /**
   * The key of the counter of a descriptor: {@code @} for the name of a rule, or {@code @minute}
   * for a limit that the request brought, and each entry's key and value, joined by {@code =}, or
   * by {@code ~} where a wildcard's values are counted together.
   */
  public static String descriptor(String domain, DescriptorCounter counter) {
    KeyText key = new KeyText().marks(PREFIX).part(domain).mark('|');
    int tagAt = key.length();
    int identityAt = key.marks(KeyText.PLACE_FOR_HASH).marks("}:").length();
    key.mark('@').marks(counter.ownUnit());
    key.mark(':').mark(Algorithm.FIXED_WINDOW.letter());
    for (DescriptorCounter.Part part : counter.parts()) {
      key.mark(':').part(part.key()).mark(part.shared() ? '~' : '=').part(part.value());
    }
    key.setHash(tagAt, key.hash(identityAt, 0));
    return key.toString();
  }

  /**
   * Where a key stands among all keys of a rule, 0 to 9999: the same on every instance and in every
   * version, for every algorithm, partition and secret, and another for another rule.
   */
  public static int share(String domain, CounterOwner rule, Map<String, String> attributes) {
    KeyText identity = new KeyText().part(domain).mark('|').part(rule.name());
    for (String name : rule.key()) {
      appendValue(rule.keying(), attributes.getOrDefault(name, ""), identity.mark(':'));
    }
    long hash = Hashing.farmHashFingerprint64().hashBytes(identity.toBytes()).asLong();
    return (int) Long.remainderUnsigned(hash, SHARES);
  }

  /**
   * A value as it counts: an address as its network, any other text as itself. The tilde of a
   * network stands nowhere else: no other value can look like one.
   */
  private static void appendValue(Keying keying, String value, KeyText key) {
    Address address = address(keying, value);
    String text = value;
    if (address != null) {
      int prefix = address.isIpv4() ? keying.ipv4Prefix() : keying.ipv6Prefix();
      if (!address.isIpv4() || prefix < Integer.SIZE) {
        appendNetwork(keying.hash(), address.network(prefix).toString(), prefix, key);
        return;
      }
      text = address.toString();
    }
    if (keying.hash()) {
      key.secret(text);
    } else {
      key.part(text);
    }
  }

  /** Null also for the text of an IPv4 address that counts whole, which stands for itself. */
  private static @Nullable Address address(Keying keying, String value) {
    return value.length() > Address.LONGEST
            || (keying.ipv4Prefix() == Integer.SIZE && value.indexOf(':') < 0)
        ? null
        : Address.of(value);
  }

  private static void appendNetwork(boolean hash, String address, int prefix, KeyText key) {
    KeyText network =
        (hash ? new KeyText() : key).part(address).mark('~').marks(Integer.toString(prefix));
    if (hash) {
      key.secret(network.toString()).mark('~');
    }
  }

  /**
   * What a counter's key says of its rule: the same for all counters of a rule or a candidate, and
   * different for any two. Of any other text, something of it.
   */
  public static String rule(String key) {
    int domainEnd = key.indexOf('|');
    int name = key.indexOf("}:", domainEnd) + 2;
    int end = name < 2 ? -1 : key.indexOf(':', name);
    return domainEnd < 0 || end < 0
        ? key
        : key.substring(0, domainEnd + 1) + key.substring(name, end);
  }

  /** A short name for a long text: 128 bits of its SHA-256, in 22 characters. */
  public static String digest(String text) {
    return KeyText.digest(text);
  }
}
