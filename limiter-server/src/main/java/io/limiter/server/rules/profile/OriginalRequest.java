package io.limiter.server.rules.profile;

import io.limiter.server.key.Address;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The request that a gateway asks about. Each part is worked out when it is first asked for. To be
 * used by one thread.
 */
final class OriginalRequest {
  private final IncomingRequest asked;
  private final OriginalHeaders headers;
  private final ClientAddress client;
  private @Nullable String method;
  private @Nullable Target target;

  OriginalRequest(IncomingRequest asked, OriginalHeaders headers, ClientAddress client) {
    this.asked = asked;
    this.headers = headers;
    this.client = client;
  }

  /** A header that its caller sent; the first, if it comes several times. */
  @Nullable String header(String name) {
    return asked.header(name);
  }

  /** In upper case: some applications take {@code post} for {@code POST}. */
  String method() {
    String known = method;
    if (known == null) {
      String said = OriginalHeaders.said(asked, headers.method());
      known = (said == null ? asked.method() : said).toUpperCase(Locale.ROOT);
      method = known;
    }
    return known;
  }

  Target target() {
    Target known = target;
    if (known == null) {
      String said = OriginalHeaders.said(asked, headers.uri());
      known = Target.of(said == null ? asked.target() : said);
      target = known;
    }
    return known;
  }

  /** In lower case, without a port and a dot at its end; null if there is none. */
  @Nullable String host() {
    String said = OriginalHeaders.said(asked, headers.host());
    String host = said == null ? asked.header("Host") : said;
    return host == null ? null : plainHost(host);
  }

  /** A proxy may add its own behind a comma. */
  private static String plainHost(String text) {
    String host = text.substring(text.lastIndexOf(',') + 1).strip();
    int port = host.startsWith("[") ? host.indexOf(']') + 1 : host.indexOf(':');
    int end = port > 0 ? port : host.length();
    while (end > 0 && host.charAt(end - 1) == '.') {
      end--;
    }
    return host.substring(0, end).toLowerCase(Locale.ROOT);
  }

  /** Null if not even that of the peer is known. */
  @Nullable Address client() {
    return client.of(asked);
  }
}
