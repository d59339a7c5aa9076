package io.limiter.jmh;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.limiter.server.rules.Descriptor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Makes requests of bytes, as the service does: by way of the message's map and a copy of it. */
final class WireRequests {
  /** As many as an entry's number has in its texts. */
  private static final int DIGITS = 5;

  private final byte[] userKey = "user".getBytes(UTF_8);
  private final byte[] endpointKey = "endpoint".getBytes(UTF_8);
  private final byte[] user = user(0).getBytes(UTF_8);
  private final byte[] endpoint = endpoint(0).getBytes(UTF_8);
  private long state = 1;

  static String user(int entry) {
    return "user-%05d".formatted(entry);
  }

  static String endpoint(int entry) {
    return "GET /v1/things/%05d".formatted(entry);
  }

  /** The next of a pseudorandom sequence of numbers below {@code entries}. */
  int draw(int entries) {
    state = state * 6_364_136_223_846_793_005L + 1_442_695_040_888_963_407L;
    return (int) (((state >>> 32) * entries) >>> 32);
  }

  /** A request for the rule, or the override, of this number. */
  Map<String, String> of(int entry) {
    Map<String, String> wire = new LinkedHashMap<>();
    wire.put(text(userKey), text(numbered(user, entry)));
    wire.put(text(endpointKey), text(numbered(endpoint, entry)));
    return Map.copyOf(wire);
  }

  /** A request for the descriptor of this number. */
  List<Descriptor> descriptors(int entry) {
    Descriptor.Entry only = new Descriptor.Entry(text(userKey), text(numbered(user, entry)));
    return List.of(new Descriptor(List.of(only), /* limit= */ null));
  }

  private static String text(byte[] bytes) {
    return new String(bytes, UTF_8);
  }

  private static byte[] numbered(byte[] text, int entry) {
    int left = entry;
    for (int i = text.length - 1; i >= text.length - DIGITS; i--) {
      text[i] = (byte) ('0' + left % 10);
      left /= 10;
    }
    return text;
  }
}
