package io.limiter.server.header;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Headers that come together. */
public enum HeaderGroup {
  /** {@code RateLimit-Policy} and {@code RateLimit}. */
  RATELIMIT,
  /**
   * {@code RateLimit-Limit}, {@code -Remaining} and {@code -Reset}, under names to be chosen, as
   * Envoy's own service sends them.
   */
  RATELIMIT_LIMIT,
  /** {@code X-RateLimit-Limit}, {@code -Remaining} and {@code -Reset}. */
  X_RATELIMIT,
  /**
   * {@code X-RateLimit-Limit-Requests}, {@code -Remaining-} and {@code -Reset-}, and the same for
   * each other unit that is counted, such as {@code X-RateLimit-Limit-Tokens}.
   */
  X_RATELIMIT_UNITS,
  /** {@code X-RateLimit-Used}. */
  X_RATELIMIT_USED,
  /** {@code Retry-After}, when denied. */
  RETRY_AFTER;

  /** By the words of options and files, in order: {@code ratelimit}, {@code x-ratelimit}. */
  public static final Map<String, HeaderGroup> BY_WORD = byWord();

  private static Map<String, HeaderGroup> byWord() {
    Map<String, HeaderGroup> words = new LinkedHashMap<>();
    Arrays.stream(values()).forEach(group -> words.put(group.word(), group));
    return Collections.unmodifiableMap(words);
  }

  /** How options and files call it. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
