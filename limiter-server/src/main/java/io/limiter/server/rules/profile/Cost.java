package io.limiter.server.rules.profile;

import org.jspecify.annotations.Nullable;

/**
 * What a request is charged by rules that count requests.
 *
 * @param header holds it, 1 to {@code most}; null if it is always {@code usual}
 * @param usual without such a header, 0 to 2^52
 * @param most of a header, 1 to 2^52; also what is charged if it holds anything else. So nobody
 *     goes free by a text that is no number
 */
public record Cost(@Nullable String header, long usual, long most) {
  /** Each request counts one. */
  public static final Cost ONE = new Cost(null, 1, 1);

  private static final int MOST_DIGITS = 16;

  long of(IncomingRequest asked) {
    String text = OriginalHeaders.said(asked, header);
    if (text == null) {
      return usual;
    }
    long cost = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9' || i == MOST_DIGITS) {
        return most;
      }
      cost = 10 * cost + c - '0';
    }
    return cost < 1 || cost > most ? most : cost;
  }
}
