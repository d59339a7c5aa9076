package io.limiter.server.rules.index;

import java.util.Arrays;

/**
 * For each character, the set of places that it has in a text of at most 64 symbols, as bits. A
 * lookup takes at most {@value #MOST_PROBES} probes. Immutable.
 */
final class CharMasks {
  /** Of no text. */
  static final CharMasks NONE = new CharMasks(new int[0]);

  private static final int MOST_PROBES = 4;

  /** So many multipliers are tried before the table grows. */
  private static final int TRIES = 32;

  /** 2^32 divided by the golden ratio. */
  private static final int GOLDEN = 0x9E37_79B9;

  private final char[] chars;
  private final long[] masks;
  private final int multiplier;

  /** The places of these symbols; those below 0 are no characters. */
  CharMasks(int[] symbols) {
    int[] distinct = Arrays.stream(symbols).filter(symbol -> symbol >= 0).distinct().toArray();
    int size = Math.max(2, 2 * Integer.highestOneBit(2 * distinct.length + 1));
    int tried = 0;
    while (size <= Character.MAX_VALUE && !isQuick(distinct, size, multiplier(tried))) {
      if (++tried == TRIES) {
        tried = 0;
        size *= 2;
      }
    }
    multiplier = multiplier(tried);
    chars = new char[size];
    masks = new long[size];
    for (int i = 0; i < symbols.length; i++) {
      if (symbols[i] >= 0) {
        int slot = slot((char) symbols[i]);
        while (masks[slot] != 0 && chars[slot] != symbols[i]) {
          slot = next(slot, size);
        }
        chars[slot] = (char) symbols[i];
        masks[slot] |= 1L << i;
      }
    }
  }

  private static int multiplier(int tried) {
    return GOLDEN * (2 * tried + 1);
  }

  /** Whether no search among so many slots takes more than the most probes. */
  private static boolean isQuick(int[] distinct, int size, int multiplier) {
    boolean[] taken = new boolean[size];
    for (int symbol : distinct) {
      int slot = slot(symbol, size, multiplier);
      while (taken[slot]) {
        slot = next(slot, size);
      }
      taken[slot] = true;
    }
    int run = 0;
    for (int i = 0; i < 2 * size; i++) {
      run = taken[i % size] ? run + 1 : 0;
      if (run >= MOST_PROBES) {
        return false;
      }
    }
    return true;
  }

  private static int slot(int symbol, int size, int multiplier) {
    return (symbol * multiplier) >>> (Integer.numberOfLeadingZeros(size) + 1);
  }

  private static int next(int slot, int size) {
    return (slot + 1) & (size - 1);
  }

  private int slot(char c) {
    return slot(c, chars.length, multiplier);
  }

  /** Where {@code c} stands: bit {@code i} for the symbol {@code i}. */
  long of(char c) {
    int slot = slot(c);
    while (masks[slot] != 0) {
      if (chars[slot] == c) {
        return masks[slot];
      }
      slot = next(slot, chars.length);
    }
    return 0;
  }
}
