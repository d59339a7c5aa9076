package io.limiter.jmh.load.service;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Splits flags that are given as one text, as a shell does: at blanks outside of quotes. */
public final class Words {
  private static final Pattern WORD = Pattern.compile("(?:[^\\s'\"]|'[^']*'|\"[^\"]*\")+");
  private static final Pattern QUOTED = Pattern.compile("'([^']*)'|\"([^\"]*)\"");

  private Words() {}

  /**
   * The words, without their quotes.
   *
   * @throws IllegalArgumentException when a quote is not closed
   */
  public static List<String> of(String text) {
    if (!WORD.matcher(text).replaceAll("").isBlank()) {
      throw new IllegalArgumentException("a quote is not closed in: " + text);
    }
    return WORD.matcher(text).results().map(word -> unquoted(word.group())).toList();
  }

  private static String unquoted(String word) {
    return QUOTED
        .matcher(word)
        .replaceAll(
            quoted ->
                Matcher.quoteReplacement(
                    quoted.group(1) == null ? quoted.group(2) : quoted.group(1)));
  }
}
