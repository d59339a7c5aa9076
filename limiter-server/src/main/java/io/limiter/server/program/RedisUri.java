package io.limiter.server.program;

import com.google.common.net.InetAddresses;
import io.lettuce.core.RedisURI;

/** The URIs of Redis that a service may be given. */
public final class RedisUri {
  private RedisUri() {}

  /**
   * Whether a URI names one Redis. Lettuce takes more: Sentinels and sockets, and for a host what
   * is left of a wrong port.
   */
  public static boolean isSupported(String uri) {
    try {
      String host = RedisURI.create(uri).getHost();
      return host != null
          && (host.indexOf(':') < 0
              || InetAddresses.isUriInetAddress(host)
              || InetAddresses.isInetAddress(host));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
