package io.limiter.server.access;

import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What a caller shows of itself.
 *
 * @param certificate the names in its certificate, which was verified; none without one
 * @param bearer its token as it came; empty without one
 * @param user of this host, on a Unix socket
 * @param origin where it is shown from
 */
public record Shown(List<String> certificate, String bearer, OptionalInt user, Origin origin) {
  /** Nothing. */
  public static final Shown NOTHING = new Shown(List.of(), "", OptionalInt.empty());

  private static final String SCHEME = "Bearer ";

  /** The longest token that is looked at, in characters. */
  static final int LONGEST = 8 << 10;

  public Shown {
    certificate = List.copyOf(certificate);
  }

  /** The same from somewhere. */
  public Shown(List<String> certificate, String bearer, OptionalInt user) {
    this(certificate, bearer, user, Origin.NONE);
  }

  /**
   * The token that two headers show.
   *
   * @param own the service's own header for it, which counts first; null if it is not there
   * @param authorization of which the scheme Bearer counts; null if it is not there
   */
  public static String bearer(@Nullable String own, @Nullable String authorization) {
    if (own != null) {
      return own.trim();
    }
    return authorization != null && authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
        ? authorization.substring(SCHEME.length()).trim()
        : "";
  }

  /** How a caller is told by it, if it is right; as {@link Credential#word}. */
  String word() {
    return bearer.isEmpty()
        ? Credential.NONE.word()
        : SignedTokens.isMeant(bearer) ? "jwt" : "token";
  }

  /** Says what is shown, and no secret. */
  @Override
  public String toString() {
    return "certificate %s, %s, %s"
        .formatted(
            certificate,
            bearer.isEmpty() ? "no token" : "a token",
            user.isPresent() ? "user " + user.getAsInt() : "no user");
  }
}
