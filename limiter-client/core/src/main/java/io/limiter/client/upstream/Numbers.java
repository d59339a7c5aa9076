package io.limiter.client.upstream;

import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Counts in headers. */
final class Numbers {
  /** Up to 16 digits, of which a fraction is dropped; a list's first member. */
  private static final Pattern COUNT =
      Pattern.compile("\\s*([0-9]{1,16})(?:\\.[0-9]*)?\\s*(?:[,;].*)?", Pattern.DOTALL);

  private Numbers() {}

  /** The number; empty if it is none, negative, or above 2^52. */
  static OptionalLong count(String text) {
    Matcher digits = COUNT.matcher(text);
    if (!digits.matches()) {
      return OptionalLong.empty();
    }
    long count = Long.parseLong(digits.group(1));
    return count > Observation.MOST ? OptionalLong.empty() : OptionalLong.of(count);
  }
}
