package io.limiter.script;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The Lua files that scripts are assembled from. */
final class ScriptSource {
  /** Below this line an algorithm says how it gives back, which few scripts need. */
  private static final String GIVING_BACK = "-- == Giving back: only in scripts that do ==\n";

  private static final Pattern CONSTANT =
      Pattern.compile("^local ([A-Z][A-Z_]+) = ([0-9]+)( --.*)?\n", Pattern.MULTILINE);

  private ScriptSource() {}

  /** A file, by its path below {@code io/limiter} without the ending. */
  static String read(String name) {
    String path = "/io/limiter/" + name + ".lua";
    try (InputStream in = ScriptSource.class.getResourceAsStream(path)) {
      if (in == null) {
        throw new IllegalStateException(path + " is missing from the class path");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * An algorithm's file, with or without how it gives back.
   *
   * @throws IllegalStateException when the file does not say where that begins
   */
  static String algorithm(String name, boolean givesBack) {
    String text = read("algorithm/" + name);
    int cut = text.indexOf(GIVING_BACK);
    if (cut < 0) {
      throw new IllegalStateException(
          "algorithm/%s.lua has no line \"%s\"".formatted(name, GIVING_BACK.strip()));
    }
    return givesBack ? text : text.substring(0, cut);
  }

  /**
   * Puts the numbers of constants, which have names in capitals, in the place of the names.
   *
   * @throws IllegalStateException when one name stands for two numbers
   */
  static String inlined(String source) {
    Map<String, String> numbers = new HashMap<>();
    Matcher constant = CONSTANT.matcher(source);
    StringBuilder text = new StringBuilder(source.length());
    while (constant.find()) {
      String before = numbers.putIfAbsent(constant.group(1), constant.group(2));
      if (before != null && !before.equals(constant.group(2))) {
        throw new IllegalStateException(
            "%s is both %s and %s in one script; give one of them another name"
                .formatted(constant.group(1), before, constant.group(2)));
      }
      constant.appendReplacement(text, "");
    }
    return replaced(constant.appendTail(text), numbers);
  }

  /** By hand: a search for each name in each script takes a quarter of a start. */
  private static String replaced(CharSequence source, Map<String, String> words) {
    StringBuilder text = new StringBuilder(source.length());
    int at = 0;
    while (at < source.length()) {
      int end = at;
      while (end < source.length() && isOfAWord(source.charAt(end))) {
        end++;
      }
      if (end == at) {
        text.append(source.charAt(at));
        at++;
      } else {
        String word = source.subSequence(at, end).toString();
        text.append(words.getOrDefault(word, word));
        at = end;
      }
    }
    return text.toString();
  }

  private static boolean isOfAWord(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  }
}
