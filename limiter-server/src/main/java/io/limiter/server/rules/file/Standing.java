package io.limiter.server.rules.file;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** What a file's {@code mode} says. */
public enum Standing {
  ENFORCE,
  SHADOW,
  OFF;

  /** By the words in the files. */
  public static final Map<String, Standing> BY_WORD = byWord();

  private static Map<String, Standing> byWord() {
    Map<String, Standing> words = new LinkedHashMap<>();
    for (Standing standing : values()) {
      words.put(standing.name().toLowerCase(Locale.ROOT), standing);
    }
    return words;
  }
}
