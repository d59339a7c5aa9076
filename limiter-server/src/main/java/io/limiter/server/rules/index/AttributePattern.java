package io.limiter.server.rules.index;

import java.util.Arrays;

/** A pattern for the value of an attribute. Immutable; equal when written alike. */
public sealed interface AttributePattern {

  /** The pattern that every value matches. */
  AttributePattern ANY = new Glob(new int[] {Glob.RUN});

  /** Whether {@code value} matches. */
  boolean matches(String value);

  /** One value, to the letter. */
  record Exact(String value) implements AttributePattern {
    @Override
    public boolean matches(String other) {
      return value.equals(other);
    }
  }

  /**
   * The addresses of a network.
   *
   * @param bits see {@link AddressBits}
   */
  record Network(String bits) implements AttributePattern {
    @Override
    public boolean matches(String value) {
      String address = AddressBits.of(value);
      return address != null && address.startsWith(bits);
    }
  }

  /** A text with wildcards: any run of characters, or any one. */
  final class Glob implements AttributePattern {
    static final int RUN = -1;
    static final int ONE = -2;

    private final int[] symbols;

    /**
     * A glob of these symbols.
     *
     * @param symbols UTF-16 units, {@link #RUN} and {@link #ONE}; at least one is a wildcard
     */
    Glob(int[] symbols) {
      this.symbols = symbols.clone();
    }

    /** See the constructor. */
    int[] symbols() {
      return symbols.clone();
    }

    /** What every match begins with. */
    String prefix() {
      int end = 0;
      while (symbols[end] >= 0) {
        end++;
      }
      return literal(0, end);
    }

    /** What every match ends with. */
    String suffix() {
      int start = symbols.length;
      while (symbols[start - 1] >= 0) {
        start--;
      }
      return literal(start, symbols.length);
    }

    /** The longest text without a wildcard that every match contains between those two. */
    String middle() {
      String longest = "";
      int from = prefix().length();
      int end = symbols.length - suffix().length();
      for (int i = from; i < end; i++) {
        if (symbols[i] < 0) {
          longest = i - from > longest.length() ? literal(from, i) : longest;
          from = i + 1;
        }
      }
      return longest;
    }

    private String literal(int from, int to) {
      StringBuilder text = new StringBuilder(to - from);
      for (int i = from; i < to; i++) {
        text.append((char) symbols[i]);
      }
      return text.toString();
    }

    @Override
    public boolean matches(String value) {
      int at = 0;
      int symbol = 0;
      int lastRun = -1;
      int runEnd = 0;
      while (at < value.length()) {
        int wanted = symbol < symbols.length ? symbols[symbol] : Integer.MIN_VALUE;
        if (wanted == value.charAt(at)) {
          at++;
          symbol++;
        } else if (wanted == ONE) {
          at += Character.charCount(value.codePointAt(at));
          symbol++;
        } else if (wanted == RUN) {
          lastRun = symbol++;
          runEnd = at;
        } else if (lastRun >= 0) {
          symbol = lastRun + 1;
          at = ++runEnd;
        } else {
          return false;
        }
      }
      while (symbol < symbols.length && symbols[symbol] == RUN) {
        symbol++;
      }
      return symbol == symbols.length;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Glob glob && Arrays.equals(symbols, glob.symbols);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(symbols);
    }
  }
}
