package io.limiter.server.rules;

import io.limiter.server.rules.AttributePattern.Exact;
import io.limiter.server.rules.AttributePattern.Glob;
import io.limiter.server.rules.AttributePattern.Network;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Finds, among many patterns, those that one attribute value matches. Exact values are hashed;
 * networks are found by their bits; globs by what they begin with, then by what they end with. Only
 * globs that begin and end alike are tried one after another.
 *
 * <p>Immutable.
 */
final class PatternIndex<V> {
  private final Map<String, V> exact;
  private final PrefixTable<V> networks;
  private final PrefixTable<PrefixTable<List<GlobEntry<V>>>> globs;

  private record GlobEntry<V>(Glob glob, V value) {}

  PatternIndex(Map<AttributePattern, V> patterns) {
    Map<String, V> exactValues = new HashMap<>();
    SortedMap<String, V> bits = new TreeMap<>();
    SortedMap<String, SortedMap<String, List<GlobEntry<V>>>> ends = new TreeMap<>();
    patterns.forEach(
        (pattern, value) -> {
          if (pattern instanceof Exact one) {
            exactValues.put(one.value(), value);
          } else if (pattern instanceof Network network) {
            bits.put(network.bits(), value);
          } else if (pattern instanceof Glob glob) {
            ends.computeIfAbsent(glob.prefix(), prefix -> new TreeMap<>())
                .computeIfAbsent(backwards(glob.suffix()), suffix -> new ArrayList<>())
                .add(new GlobEntry<>(glob, value));
          }
        });
    SortedMap<String, PrefixTable<List<GlobEntry<V>>>> tables = new TreeMap<>();
    ends.forEach((prefix, suffixes) -> tables.put(prefix, new PrefixTable<>(suffixes)));
    exact = Map.copyOf(exactValues);
    networks = new PrefixTable<>(bits);
    globs = new PrefixTable<>(tables);
  }

  /**
   * Shows {@code wanted} what stands behind every pattern that {@code value} matches, until it says
   * yes.
   *
   * @return whether it did
   */
  boolean any(String value, Predicate<? super V> wanted) {
    V hit = exact.get(value);
    if (hit != null && wanted.test(hit)) {
      return true;
    }
    if (!networks.isEmpty()) {
      String bits = AddressBits.of(value);
      if (bits != null && networks.any(bits, wanted)) {
        return true;
      }
    }
    if (globs.isEmpty()) {
      return false;
    }
    String reversed = backwards(value);
    return globs.any(
        value, suffixes -> suffixes.any(reversed, entries -> anyGlob(entries, value, wanted)));
  }

  private static <V> boolean anyGlob(
      List<GlobEntry<V>> entries, String value, Predicate<? super V> wanted) {
    for (GlobEntry<V> entry : entries) {
      if (entry.glob.matches(value) && wanted.test(entry.value)) {
        return true;
      }
    }
    return false;
  }

  /** Unit by unit, so that a suffix turned round is a prefix of every value turned round. */
  private static String backwards(String text) {
    char[] units = new char[text.length()];
    for (int i = 0; i < units.length; i++) {
      units[i] = text.charAt(units.length - 1 - i);
    }
    return new String(units);
  }
}
