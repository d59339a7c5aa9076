package io.limiter.server.rules.index;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the patterns of rules files: {@code POST /login}, {@code GET /v1/*}, {@code user-?}, {@code
 * 10.0.0.0/8}. A backslash makes {@code *}, {@code ?}, {@code !}, {@code /} and itself literal.
 */
public final class PatternSyntax {
  /** The longest pattern, in UTF-16 units. */
  static final int LONGEST = 1024;

  private static final Pattern NETWORK = Pattern.compile("([0-9A-Fa-f:.]+)/([0-9]{1,9})");
  private static final int IPV4_IN_IPV6_BITS = 96;

  private PatternSyntax() {}

  /** Whether the pattern says what a value must not be. */
  public static boolean negated(String text) {
    return text.startsWith("!");
  }

  /**
   * The pattern that {@code text} says, the {@code !} of a negation left aside.
   *
   * @throws BadPatternException when it says none
   */
  public static AttributePattern parse(String text) {
    if (text.length() > LONGEST) {
      throw new BadPatternException(
          "the pattern has %d characters; use at most %d".formatted(text.length(), LONGEST));
    }
    String positive = negated(text) ? text.substring(1) : text;
    if (negated(positive)) {
      throw new BadPatternException(
          "pattern \"%s\" is negated twice; remove one !, or write \\! for a literal one"
              .formatted(text));
    }
    Matcher network = NETWORK.matcher(positive);
    if (network.matches()) {
      String bits = AddressBits.of(network.group(1));
      if (bits != null) {
        return network(positive, network.group(1), bits, Integer.parseInt(network.group(2)));
      }
    }
    return literalOrGlob(positive);
  }

  private static AttributePattern network(String text, String address, String bits, int prefix) {
    boolean disguised = bits.charAt(0) == '4' && address.indexOf(':') >= 0;
    int least = disguised ? IPV4_IN_IPV6_BITS : 0;
    int most = least + bits.length() - 1;
    if (prefix < least || prefix > most) {
      int significant = least + Math.max(0, bits.lastIndexOf('1'));
      throw new BadPatternException(
          "the prefix of \"%s\" is out of range; use %s"
              .formatted(text, significant == most ? most : significant + " to " + most));
    }
    String kept = bits.substring(0, 1 + prefix - least);
    if (bits.indexOf('1', kept.length()) >= 0) {
      throw new BadPatternException(
          "\"%s\" has bits set beyond its prefix; use %s/%d"
              .formatted(text, AddressBits.show(kept), prefix - least));
    }
    return new AttributePattern.Network(kept);
  }

  private static AttributePattern literalOrGlob(String text) {
    int[] symbols = new int[text.length()];
    int count = 0;
    boolean wild = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '*') {
        wild = true;
        if (count == 0 || symbols[count - 1] != AttributePattern.Glob.RUN) {
          symbols[count++] = AttributePattern.Glob.RUN;
        }
      } else if (c == '?') {
        wild = true;
        symbols[count++] = AttributePattern.Glob.ONE;
      } else {
        symbols[count++] = c == '\\' ? escaped(text, ++i) : c;
      }
    }
    return wild
        ? new AttributePattern.Glob(java.util.Arrays.copyOf(symbols, count))
        : new AttributePattern.Exact(literal(symbols, count));
  }

  private static char escaped(String text, int at) {
    if (at == text.length() || "*?!/\\".indexOf(text.charAt(at)) < 0) {
      throw new BadPatternException(
          "the backslash in \"%s\" escapes nothing; write \\\\ for a literal one".formatted(text));
    }
    return text.charAt(at);
  }

  private static String literal(int[] symbols, int count) {
    return new String(symbols, 0, count);
  }
}
