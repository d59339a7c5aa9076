package io.limiter.server.rules.index;

import java.util.Arrays;

/**
 * A part of a {@link Wildcard} without a run. Found in linear time: a plain text by Knuth, Morris
 * and Pratt's algorithm, one with wildcards for one character by an automaton of 64 bits
 * (Baeza-Yates and Gonnet, 1992). Immutable.
 */
sealed interface Segment {
  /** The longest part behind a run with {@link Wildcard#ONE} in it: the automaton's bits. */
  int LONGEST_WITH_ONE = Long.SIZE;

  Segment EMPTY = new Plain("");

  /**
   * A part of these symbols.
   *
   * @param first whether it stands before every run, so that it is never searched for
   */
  static Segment of(int[] symbols, boolean first) {
    if (Arrays.stream(symbols).noneMatch(symbol -> symbol == Wildcard.ONE)) {
      return new Plain(new String(symbols, 0, symbols.length));
    }
    if (!first && symbols.length > LONGEST_WITH_ONE) {
      throw new BadPatternException(
          "the pattern has %d characters with ? among them behind a *; use at most %d, or no ? there"
              .formatted(symbols.length, LONGEST_WITH_ONE));
    }
    return new Jokers(symbols, first);
  }

  /** The most UTF-16 units of its symbols. */
  int length();

  /** Where the match that begins at {@code from} ends; -1 if there is none. */
  int matchAt(String value, int from);

  /** The end of the match that ends first of those from {@code from} on; -1 if there is none. */
  int firstEnd(String value, int from);

  /** Whether a match that begins at {@code from} or later ends where the value does. */
  boolean endsWith(String value, int from);

  /** A text. */
  final class Plain implements Segment {
    /** So short a text is searched for by the JDK, which compares many characters at once. */
    private static final int SHORT = 8;

    private final String text;

    /** For each length of a match so far, the longest shorter one that may still go on. */
    private final int[] shorter;

    Plain(String text) {
      this.text = text;
      this.shorter = text.length() <= SHORT ? new int[0] : shorter(text);
    }

    private static int[] shorter(String text) {
      int[] shorter = new int[text.length() + 1];
      int border = -1;
      shorter[0] = -1;
      for (int i = 1; i <= text.length(); i++) {
        while (border >= 0 && text.charAt(border) != text.charAt(i - 1)) {
          border = shorter[border];
        }
        border++;
        // What the character has just failed to be, it need not be asked again.
        shorter[i] =
            i < text.length() && text.charAt(border) == text.charAt(i) ? shorter[border] : border;
      }
      return shorter;
    }

    @Override
    public int length() {
      return text.length();
    }

    @Override
    public int matchAt(String value, int from) {
      return value.startsWith(text, from) ? from + text.length() : -1;
    }

    @Override
    public int firstEnd(String value, int from) {
      int length = text.length();
      if (length <= SHORT) {
        int start = value.indexOf(text, from);
        return start < 0 ? -1 : start + length;
      }
      int matched = 0;
      for (int at = from; at < value.length(); at++) {
        char c = value.charAt(at);
        while (matched >= 0 && text.charAt(matched) != c) {
          matched = shorter[matched];
        }
        if (++matched == length) {
          return at + 1;
        }
      }
      return -1;
    }

    @Override
    public boolean endsWith(String value, int from) {
      return value.length() - text.length() >= from && value.endsWith(text);
    }
  }

  /** A text with {@link Wildcard#ONE} in it. */
  final class Jokers implements Segment {
    private final int[] symbols;
    private final long jokers;
    private final CharMasks texts;

    Jokers(int[] symbols, boolean first) {
      this.symbols = symbols;
      this.texts = first ? CharMasks.NONE : new CharMasks(symbols);
      long ones = 0;
      for (int i = 0; i < symbols.length && !first; i++) {
        ones |= symbols[i] == Wildcard.ONE ? 1L << i : 0;
      }
      this.jokers = ones;
    }

    @Override
    public int length() {
      return symbols.length;
    }

    @Override
    public int matchAt(String value, int from) {
      int at = from;
      for (int symbol : symbols) {
        if (at == value.length()) {
          return -1;
        }
        if (symbol == Wildcard.ONE) {
          at += Character.charCount(value.codePointAt(at));
        } else if (symbol == value.charAt(at)) {
          at++;
        } else {
          return -1;
        }
      }
      return at;
    }

    @Override
    public int firstEnd(String value, int from) {
      return end(value, from, /* atEnd= */ false);
    }

    @Override
    public boolean endsWith(String value, int from) {
      // Each symbol takes two units at most.
      int start = Math.max(from, value.length() - 2 * symbols.length);
      return end(value, start, /* atEnd= */ true) >= 0;
    }

    /** Bit {@code i} of a state is set while the first {@code i + 1} symbols match up to here. */
    private int end(String value, int from, boolean atEnd) {
      long last = 1L << (symbols.length - 1);
      long state = 0;
      long afterPair = 0;
      for (int at = from; at < value.length(); at++) {
        char c = value.charAt(at);
        long reached = (state << 1) | 1;
        long joked = reached & jokers;
        state = (reached & texts.of(c)) | afterPair;
        afterPair = 0;
        if (Character.isHighSurrogate(c)
            && at + 1 < value.length()
            && Character.isLowSurrogate(value.charAt(at + 1))) {
          afterPair = joked;
        } else {
          state |= joked;
        }
        if ((state & last) != 0 && (!atEnd || at + 1 == value.length())) {
          return at + 1;
        }
      }
      return -1;
    }
  }
}
