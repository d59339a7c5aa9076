package io.limiter.jmh;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.limiter.server.rules.Descriptor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Makes requests of bytes, as the service does: by way of the message's map and a copy of it. */
final class WireRequests {
  /** As many as an entry's number has in its texts. */
  private static final int DIGITS = 5;

  /** So few that reading them disturbs no cache. */
  private static final int DRAWS = 1 << 14;

  private final byte[] userKey = "user".getBytes(UTF_8);
  private final byte[] endpointKey = "endpoint".getBytes(UTF_8);
  private final byte[] user = user(0).getBytes(UTF_8);
  private final byte[] endpoint = endpoint(0).getBytes(UTF_8);

  static String user(int entry) {
    return "user-%05d".formatted(entry);
  }

  static String endpoint(int entry) {
    return "GET /v1/things/%05d".formatted(entry);
  }

  /**
   * The entries that {@link #DRAWS} requests are for.
   *
   * @param zipf whether the entry of rank r comes up in proportion to 1/r; else all alike
   */
  static int[] draws(int entries, boolean zipf) {
    Random random = new Random(1);
    List<Integer> ranked = new ArrayList<>();
    double[] upTo = new double[entries];
    double sum = 0;
    for (int i = 0; i < entries; i++) {
      ranked.add(i);
      sum += zipf ? 1.0 / (i + 1) : 1;
      upTo[i] = sum;
    }
    Collections.shuffle(ranked, random);
    int[] drawn = new int[DRAWS];
    for (int i = 0; i < DRAWS; i++) {
      int found = Arrays.binarySearch(upTo, random.nextDouble() * sum);
      drawn[i] = ranked.get(Math.min(entries - 1, found < 0 ? -found - 1 : found));
    }
    return drawn;
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
