package io.limiter.jmh.load;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Splits flags that are given as one text, as a shell does: at blanks outside of quotes. */
final class Words {
  private static final Pattern WORD = Pattern.compile("(?:[^\\s'\"]|'[^']*'|\"[^\"]*\")+");
  private static final Pattern QUOTED = Pattern.compile("'([^']*)'|\"([^\"]*)\"");

  private Words() {}

  static List<String> of(String text) {
    List<String> words = new ArrayList<>();
    Matcher word = WORD.matcher(text);
    int read = 0;
    while (word.find()) {
      between(text, read, word.start());
      words.add(
          QUOTED
              .matcher(word.group())
              .replaceAll(
                  quoted ->
                      Matcher.quoteReplacement(
                          quoted.group(1) == null ? quoted.group(2) : quoted.group(1))));
      read = word.end();
    }
    between(text, read, text.length());
    return words;
  }

  private static void between(String text, int start, int end) {
    if (!text.substring(start, end).isBlank()) {
      throw new IllegalArgumentException("a quote is not closed in: " + text);
    }
  }
}
