package io.limiter.server.header;

import java.util.regex.Pattern;

/** How the headers of {@link HeaderGroup#RATELIMIT_LIMIT} are called. */
public record HeaderNames(String limit, String remaining, String reset) {
  public static final HeaderNames DEFAULTS =
      new HeaderNames("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset");

  private static final Pattern NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}");

  /** Whether a text is the name of a header: 1 to 64 characters of a token of RFC 9110. */
  public static boolean isName(String text) {
    return NAME.matcher(text).matches();
  }
}
