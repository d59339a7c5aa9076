package io.limiter.server.rules.profile;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The headers by which the gateway tells of the original request. Each is one name: whoever tried
 * one after the other would believe the caller's, where the gateway sets only another.
 *
 * @param method holds its method; null to take that of the gateway's request
 * @param uri holds its path and query; null likewise
 * @param host holds its host; null likewise
 */
public record OriginalHeaders(
    @Nullable String method, @Nullable String uri, @Nullable String host) {
  /** As Caddy, Traefik, APISIX and others set them. */
  public static final OriginalHeaders DEFAULTS =
      new OriginalHeaders("X-Forwarded-Method", "X-Forwarded-Uri", "X-Forwarded-Host");

  /**
   * What the gateway said: of several lines the last, since a gateway that does not replace what
   * the caller sent writes behind it. Null if there is none, or an empty one.
   */
  static @Nullable String said(IncomingRequest asked, @Nullable String name) {
    if (name == null) {
      return null;
    }
    List<String> lines = asked.headers(name);
    String last = lines.isEmpty() ? "" : lines.get(lines.size() - 1).strip();
    return last.isEmpty() ? null : last;
  }
}
