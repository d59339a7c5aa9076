package io.limiter.server.rules.index;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * A perfect hash table from texts of one length to numbers: one probe finds a text or shows that it
 * is absent.
 *
 * <p>Among very many texts a lookup costs the memory that it waits for. So the slot is known before
 * any memory of the text is touched. The texts stand one after another in one string, and the
 * number stands at the same place of an array. There is no second probe for the processor to guess.
 *
 * <p>The slot comes of the text's hash and a multiplier. The texts of a bucket, about four, share a
 * multiplier, chosen so that each gets a slot of its own (hash and displace: Belazzougui, Botelho,
 * Dietzfelbinger, ESA 2009).
 *
 * <p>Immutable; a lookup allocates nothing.
 */
final class PerfectHashTable {
  /** Odd, and of this process, so that no file can choose texts that fall into one bucket. */
  static final long FACTOR = new SecureRandom().nextLong() | 1;

  private static final int BUCKET = 4;

  /** A larger bucket is not placed as a whole: no multiplier would be found. */
  private static final int LARGEST_PLACED = 32;

  /** So many multipliers are tried for a bucket. */
  private static final int TRIES = 4_096;

  private final int length;
  private final char[] multipliers;
  private final long[] numbers;
  private final String texts;

  /** Those that got no slot: equal in hash to others, or of a bucket without a multiplier. */
  private final @Nullable SortedTexts overflow;

  /**
   * A table of these texts.
   *
   * @param entries at least one; all texts have the same length
   */
  PerfectHashTable(Map<String, Long> entries) {
    String any = entries.keySet().iterator().next();
    length = any.length();
    multipliers = new char[(entries.size() + BUCKET - 1) / BUCKET];
    numbers = new long[entries.size() + entries.size() / 4];
    String[] slots = new String[numbers.length];
    SortedMap<String, Long> left = new TreeMap<>();
    for (List<String> bucket : buckets(entries.keySet())) {
      int multiplier = multiplier(bucket, slots);
      multipliers[bucket(bucket.get(0).hashCode())] = (char) multiplier;
      for (String text : bucket) {
        int slot = slot(text.hashCode());
        if (slots[slot] != null) {
          left.put(text, entries.getOrDefault(text, 0L));
        } else {
          slots[slot] = text;
          numbers[slot] = entries.getOrDefault(text, 0L);
        }
      }
    }
    texts = joined(slots, any);
    overflow = left.isEmpty() ? null : new SortedTexts(left);
  }

  /** The largest first, as they are the hardest to place. */
  private List<List<String>> buckets(Set<String> all) {
    List<List<String>> buckets = new ArrayList<>();
    for (int i = 0; i < multipliers.length; i++) {
      buckets.add(new ArrayList<>());
    }
    all.forEach(text -> buckets.get(bucket(text.hashCode())).add(text));
    buckets.removeIf(List::isEmpty);
    buckets.sort(Comparator.<List<String>>comparingInt(List::size).reversed());
    return buckets;
  }

  /** One by which all hashes of a bucket get free slots of their own; if there is none, any. */
  private int multiplier(List<String> bucket, @Nullable String[] slots) {
    int[] hashes = bucket.stream().mapToInt(String::hashCode).distinct().toArray();
    if (hashes.length > LARGEST_PLACED) {
      return 0;
    }
    for (int multiplier = 0; multiplier < TRIES; multiplier++) {
      Set<Integer> taken = new HashSet<>();
      boolean free = true;
      for (int i = 0; i < hashes.length && free; i++) {
        int slot = slot(hashes[i], multiplier);
        free = slots[slot] == null && taken.add(slot);
      }
      if (free) {
        return multiplier;
      }
    }
    return 0;
  }

  /** A free slot holds a text that a lookup seeks in another slot, so it is never found there. */
  private static String joined(@Nullable String[] slots, String any) {
    StringBuilder all = new StringBuilder(slots.length * any.length());
    Arrays.stream(slots).forEach(text -> all.append(text == null ? any : text));
    return all.toString();
  }

  int length() {
    return length;
  }

  /**
   * Looks up a part of {@code text}.
   *
   * @param from where the part begins; it is as long as the texts here
   * @param hash {@link String#hashCode} of the part
   * @return what {@code visitor} says to its number; false if the part is absent
   */
  boolean any(String text, int from, int hash, LongPredicate visitor) {
    int slot = slot(hash);
    if (text.regionMatches(from, texts, slot * length, length)) {
      return visitor.test(numbers[slot]);
    }
    return overflow != null && overflow.any(text, from, visitor);
  }

  private int slot(int hash) {
    return slot(hash, multipliers[bucket(hash)]);
  }

  private int slot(int hash, int multiplier) {
    // Not 0, which every multiplier would send to the same slot.
    long positive = Integer.toUnsignedLong(hash) + 1;
    return scaled(positive * (FACTOR * (2L * multiplier + 3)), numbers.length);
  }

  private int bucket(int hash) {
    return scaled(hash * FACTOR, multipliers.length);
  }

  /** A number below {@code bound}, from the upper half of the bits. */
  private static int scaled(long bits, int bound) {
    return (int) (((bits >>> Integer.SIZE) * bound) >>> Integer.SIZE);
  }
}
