package io.limiter.server.rules.index;

/** Patterns as rules files say them: what {@link PatternSyntax} reads, written. */
public final class PatternText {
  private PatternText() {}

  public static String of(AttributePattern pattern) {
    if (pattern instanceof AttributePattern.Network network) {
      return AddressBits.show(network.bits()) + '/' + (network.bits().length() - 1);
    }
    if (pattern instanceof AttributePattern.Exact exact) {
      return unlikeANetwork(escaped(exact.value().chars().toArray()));
    }
    if (pattern instanceof AttributePattern.Glob glob) {
      return unlikeANetwork(escaped(glob.symbols()));
    }
    throw new IllegalStateException("a pattern of another kind: " + pattern);
  }

  private static String escaped(int[] symbols) {
    StringBuilder text = new StringBuilder(symbols.length + 4);
    for (int symbol : symbols) {
      switch (symbol) {
        case AttributePattern.Glob.RUN -> text.append('*');
        case AttributePattern.Glob.ONE -> text.append('?');
        case '*', '?', '\\' -> text.append('\\').append((char) symbol);
        case '!' -> text.append(text.isEmpty() ? "\\!" : "!");
        default -> text.append((char) symbol);
      }
    }
    return text.toString();
  }

  /** A slash is only escaped where it would make a network of a text. */
  private static String unlikeANetwork(String text) {
    int slash = text.indexOf('/');
    return slash > 0 && AddressBits.of(text.substring(0, slash)) != null
        ? text.replace("/", "\\/")
        : text;
  }
}
