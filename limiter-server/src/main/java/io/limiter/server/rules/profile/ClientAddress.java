package io.limiter.server.rules.profile;

import io.limiter.server.key.Address;
import org.jspecify.annotations.Nullable;

/**
 * Where the address of the client is found: in what the trusted proxies wrote, and nowhere else.
 *
 * <p>Who connects to this service is the first trusted proxy. It wrote the last element of the
 * header, which is the address that it was asked from. If that is a trusted proxy too, it wrote the
 * element before, and so on. Whatever stands before these elements was sent by the client, and is
 * not looked at.
 *
 * <p>If there are fewer elements than trusted proxies, or the element is no address, the address is
 * that of the peer. So all such requests share a counter, and nobody gets one by what they send.
 *
 * @param from which header
 * @param header its name
 * @param trusted proxies, 0 to {@link #MOST_TRUSTED}; with 0 the address is that of the peer. Means
 *     nothing for {@link From#ONE}
 */
public record ClientAddress(From from, String header, int trusted) {
  /** The most proxies that may be trusted. */
  public static final int MOST_TRUSTED = 16;

  /** What the gateway's address is not: the client's, written by the gateway at the end. */
  public static final ClientAddress DEFAULT = ofList("X-Forwarded-For", 1);

  /** What a header holds. */
  public enum From {
    /** Addresses, each proxy's behind those before. */
    LIST,
    /** Elements of RFC 7239. */
    FORWARDED,
    /** The client's address alone, which the gateway sets. */
    ONE
  }

  /** By {@code X-Forwarded-For} and the like. */
  public static ClientAddress ofList(String header, int trusted) {
    return new ClientAddress(From.LIST, header, trusted);
  }

  /** Null if not even that of the peer is known. */
  @Nullable Address of(IncomingRequest asked) {
    String node = node(asked);
    Address address = node == null ? null : address(node);
    if (address == null) {
      String peer = asked.peer();
      return peer == null ? null : address(peer);
    }
    return address;
  }

  private @Nullable String node(IncomingRequest asked) {
    return switch (from) {
      case ONE -> OriginalHeaders.said(asked, header);
      case LIST -> trusted == 0 ? null : ForwardedList.fromEnd(asked.headers(header), trusted);
      case FORWARDED -> {
        String element =
            trusted == 0 ? null : ForwardedList.fromEnd(asked.headers(header), trusted);
        yield element == null ? null : ForwardedList.client(element);
      }
    };
  }

  /**
   * The address in a text that may have a port, brackets and a zone beside it; null if there is
   * none, as in {@code unknown} and {@code _hidden}.
   */
  static @Nullable Address address(String node) {
    String host = node;
    int closing = node.startsWith("[") ? node.indexOf(']') : -1;
    if (closing > 0) {
      boolean isEnd = closing + 1 == node.length() || node.charAt(closing + 1) == ':';
      host = isEnd ? node.substring(1, closing) : "";
    } else {
      int colon = node.indexOf(':');
      if (colon >= 0 && colon == node.lastIndexOf(':')) {
        host = node.substring(0, colon);
      }
    }
    int zone = host.indexOf('%');
    return Address.of(zone < 0 ? host : host.substring(0, zone));
  }
}
