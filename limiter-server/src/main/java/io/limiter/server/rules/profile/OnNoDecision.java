package io.limiter.server.rules.profile;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** What a gateway is answered when there is no decision. */
public enum OnNoDecision {
  /** A failure: the gateway goes by its own policy. */
  ERROR,
  /** As if the request were admitted. */
  ALLOW,
  /** As if a rate denied it. */
  DENY;

  /** By the words of files, in order. */
  public static final Map<String, OnNoDecision> BY_WORD = byWord();

  private static Map<String, OnNoDecision> byWord() {
    Map<String, OnNoDecision> words = new LinkedHashMap<>();
    Arrays.stream(values()).forEach(one -> words.put(one.name().toLowerCase(Locale.ROOT), one));
    return Collections.unmodifiableMap(words);
  }
}
