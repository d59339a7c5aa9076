package io.limiter.server.rules.index;

import io.limiter.server.key.SeededHash;
import java.util.Arrays;

/**
 * A pattern for the value of an attribute. Immutable; equal when written alike. Hashes are seeded,
 * so that no file can have many patterns of one hash.
 */
public sealed interface AttributePattern {

  /** The pattern that every value matches. */
  AttributePattern ANY = new Glob(new int[] {Glob.RUN});

  /** Whether {@code value} matches. */
  boolean matches(String value);

  /**
   * Whether a look at one value may take a pass over it. Static: a default method would have the
   * interface initialized with its records.
   *
   * @param unwanted whether no index stands before it, which would find some by the same pass
   */
  static boolean searches(AttributePattern pattern, boolean unwanted) {
    return pattern instanceof Glob glob
        && glob.wildcard.searches() > 0
        && (unwanted || !glob.isMiddleAlone());
  }

  /** One value, to the letter. */
  record Exact(String value) implements AttributePattern {
    @Override
    public boolean matches(String other) {
      return value.equals(other);
    }

    @Override
    public int hashCode() {
      return SeededHash.of(value);
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

    @Override
    public int hashCode() {
      return SeededHash.of(bits);
    }
  }

  /** A text with wildcards: any run of characters, or any one. */
  final class Glob implements AttributePattern {
    static final int RUN = Wildcard.RUN;
    static final int ONE = Wildcard.ONE;

    private final int[] symbols;
    private final Wildcard wildcard;
    private final int hash;

    /**
     * A glob of these symbols.
     *
     * @param symbols UTF-16 units, {@link #RUN} and {@link #ONE}; at least one is a wildcard
     * @throws BadPatternException as {@link Wildcard} does
     */
    Glob(int[] symbols) {
      this.symbols = symbols.clone();
      this.wildcard = new Wildcard(symbols);
      StringBuilder text = new StringBuilder(symbols.length);
      for (int symbol : symbols) {
        text.append((char) symbol);
      }
      this.hash = SeededHash.of(text.toString());
    }

    /** See the constructor. */
    int[] symbols() {
      return symbols.clone();
    }

    /** Whether it is {@link #middle} between two runs, and nothing else. */
    boolean isMiddleAlone() {
      return symbols[0] == RUN
          && symbols[symbols.length - 1] == RUN
          && symbols.length == middle().length() + 2;
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
      return wildcard.matches(value);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Glob glob && Arrays.equals(symbols, glob.symbols);
    }

    @Override
    public int hashCode() {
      return hash;
    }
  }
}
