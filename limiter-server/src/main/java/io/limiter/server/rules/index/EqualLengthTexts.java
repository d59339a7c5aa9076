package io.limiter.server.rules.index;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * A number for each of many texts of one length, found in one try. What a look costs among very
 * many texts is the memory that it waits for. So the only place where a text can be is known before
 * any memory of the text's own is touched: the texts stand one after another in one string, and the
 * number at the same place of an array. And there is no second try that the processor would have to
 * guess.
 *
 * <p>The place comes of the text's hash and a multiplier. All texts of a bucket, about four, share
 * one; it is chosen so that they have places that no other text has (hash and displace:
 * Belazzougui, Botelho, Dietzfelbinger, ESA 2009).
 *
 * <p>Immutable; a look allocates nothing.
 */
final class EqualLengthTexts {
  /** 2^64 divided by the golden ratio: its multiples have bits of every kind. */
  private static final long GOLDEN = 0x9E37_79B9_7F4A_7C15L;

  private static final int BUCKET = 4;

  /** So many multipliers are tried for a bucket. */
  private static final int TRIES = 4_096;

  private final int length;
  private final char[] multipliers;
  private final long[] numbers;
  private final String texts;

  /** Those that had no place: equal in hash to others, or of a bucket without a multiplier. */
  private final @Nullable EqualLengthTexts more;

  /**
   * A table of these texts.
   *
   * @param entries at least one; all texts have the same length
   */
  EqualLengthTexts(Map<String, Long> entries) {
    String any = entries.keySet().iterator().next();
    length = any.length();
    multipliers = new char[(entries.size() + BUCKET - 1) / BUCKET];
    numbers = new long[entries.size() + entries.size() / 4];
    String[] placed = new String[numbers.length];
    Map<String, Long> left = new TreeMap<>();
    for (List<String> bucket : buckets(entries.keySet())) {
      int multiplier = multiplier(bucket, placed);
      multipliers[bucket(bucket.get(0).hashCode())] = (char) multiplier;
      for (String text : bucket) {
        int place = place(text.hashCode());
        if (placed[place] != null) {
          left.put(text, entries.getOrDefault(text, 0L));
        } else {
          placed[place] = text;
          numbers[place] = entries.getOrDefault(text, 0L);
        }
      }
    }
    texts = joined(placed, any);
    more = left.isEmpty() ? null : new EqualLengthTexts(left);
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

  /** One by which all hashes of a bucket get places of their own; if there is none, any. */
  private int multiplier(List<String> bucket, @Nullable String[] placed) {
    int[] hashes = bucket.stream().mapToInt(String::hashCode).distinct().toArray();
    for (int multiplier = 0; multiplier < TRIES; multiplier++) {
      Set<Integer> places = new HashSet<>();
      boolean free = true;
      for (int i = 0; i < hashes.length && free; i++) {
        int place = place(hashes[i], multiplier);
        free = placed[place] == null && places.add(place);
      }
      if (free) {
        return multiplier;
      }
    }
    return 0;
  }

  /**
   * At a free place stands a text that is looked for at another, so that it is never found there.
   */
  private static String joined(@Nullable String[] placed, String any) {
    StringBuilder all = new StringBuilder(placed.length * any.length());
    Arrays.stream(placed).forEach(text -> all.append(text == null ? any : text));
    return all.toString();
  }

  int length() {
    return length;
  }

  /**
   * Shows {@code wanted} the number of a part of {@code text}, if there is one, and says what it
   * said.
   *
   * @param from where the part begins; it is as long as the texts here
   * @param hash {@link String#hashCode} of the part
   */
  boolean any(String text, int from, int hash, LongPredicate wanted) {
    int place = place(hash);
    if (text.regionMatches(from, texts, place * length, length)) {
      return wanted.test(numbers[place]);
    }
    return more != null && more.any(text, from, hash, wanted);
  }

  private int place(int hash) {
    return place(hash, multipliers[bucket(hash)]);
  }

  private int place(int hash, int multiplier) {
    // Not 0, which every multiplier would send to the same place.
    long positive = Integer.toUnsignedLong(hash) + 1;
    return scaled(positive * (GOLDEN * (2L * multiplier + 3)), numbers.length);
  }

  private int bucket(int hash) {
    return scaled(hash * GOLDEN, multipliers.length);
  }

  /** A number below {@code bound}, from the upper half of the bits. */
  private static int scaled(long bits, int bound) {
    return (int) (((bits >>> Integer.SIZE) * bound) >>> Integer.SIZE);
  }
}
