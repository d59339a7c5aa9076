package io.limiter.server.rules;

import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Prices by the value of one attribute of a request, such as its model. Any number of rules are
 * charged by one list. Immutable; safe to share between threads.
 *
 * <p>Two lists are equal only if they are one: whether a rule is equal to another is asked more
 * often than lists are loaded.
 */
public final class PriceList {
  private final String name;
  private final String file;
  private final String attribute;
  private final Map<String, Map<String, Long>> entries;
  private final @Nullable Map<String, Long> otherwise;
  private final long heapBytes;

  private PriceList(
      String name,
      String file,
      String attribute,
      Map<String, Map<String, Long>> entries,
      @Nullable Map<String, Long> otherwise,
      long heapBytes) {
    this.name = name;
    this.file = file;
    this.attribute = attribute;
    this.entries = entries;
    this.otherwise = otherwise;
    this.heapBytes = heapBytes;
  }

  /**
   * A list.
   *
   * @param file where it is written
   * @param attribute of a request, whose value names an entry
   * @param entries the weights of each, as a {@link Tariff} has them; none is empty
   * @param otherwise those of a request that names no entry; not empty
   * @param heapBytes about what the list takes of the heap
   */
  public static PriceList of(
      String name,
      String file,
      String attribute,
      Map<String, Map<String, Long>> entries,
      Map<String, Long> otherwise,
      long heapBytes) {
    Map<String, Map<String, Long>> copies = new HashMap<>();
    entries.forEach((entry, weights) -> copies.put(entry, copy(weights)));
    return new PriceList(name, file, attribute, copies, copy(otherwise), heapBytes);
  }

  private static Map<String, Long> copy(Map<String, Long> weights) {
    return Collections.unmodifiableMap(new LinkedHashMap<>(weights));
  }

  /** A list as a rule names it, before its file is known. It has no prices. */
  public static PriceList named(String name) {
    return new PriceList(name, "", "", Map.of(), /* otherwise= */ null, 0);
  }

  public String name() {
    return name;
  }

  /** Where it is written. */
  public String file() {
    return file;
  }

  /** The attribute of a request whose value names an entry. */
  public String attribute() {
    return attribute;
  }

  /** How many entries there are beside the default. */
  public int size() {
    return entries.size();
  }

  /** About how much of the heap it takes. */
  public long heapBytes() {
    return heapBytes;
  }

  /**
   * What one of each unit of a request is charged, in millionths: by its entry, or the default.
   *
   * @throws IllegalStateException if only the list's name is known
   */
  public Map<String, Long> of(Map<String, String> attributes) {
    String value = attributes.get(attribute);
    Map<String, Long> entry = value == null ? null : entries.get(value);
    Map<String, Long> weights = entry == null ? otherwise : entry;
    if (weights == null) {
      throw new IllegalStateException("prices " + name + " are not known yet");
    }
    return weights;
  }

  /** Which entry a request is charged by, for people: {@code prices models: entry "large"}. */
  public String reason(Map<String, String> attributes) {
    String value = attributes.get(attribute);
    String which =
        value == null
            ? "default, since attribute %s is absent".formatted(Quoted.name(attribute))
            : entries.containsKey(value)
                ? "entry " + Quoted.text(value)
                : "default, since %s has no entry".formatted(Quoted.text(value));
    return "prices %s, %s: %s".formatted(name, file, which);
  }

  /** For people: {@code prices models}. */
  @Override
  public String toString() {
    return "prices " + name;
  }
}
