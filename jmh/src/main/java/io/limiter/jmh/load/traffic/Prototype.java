package io.limiter.jmh.load.traffic;

import com.google.protobuf.MessageLite;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A question as bytes, in which the eight digits of a key are to be filled in, and its plan's. */
public final class Prototype {
  /** Where a key's digits go. Nothing else in a question may look like it. */
  public static final String PLACE = "########";

  /** Where those of its plan go. Likewise. */
  static final String PLAN_PLACE = "@@@@@@@@";

  public final byte[] bytes;
  public final int[] places;
  public final int[] planPlaces;
  public final int plans;

  private Prototype(byte[] bytes, int plans) {
    this.bytes = bytes;
    this.plans = plans;
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    places = places(text, PLACE);
    planPlaces = plans == 0 ? new int[0] : places(text, PLAN_PLACE);
  }

  /** Of a message that names no plan. */
  public static Prototype of(MessageLite message) {
    return of(message, 0);
  }

  /**
   * Of a message.
   *
   * @param plans how many there are, see {@link Question}
   */
  public static Prototype of(MessageLite message, int plans) {
    return new Prototype(message.toByteArray(), plans);
  }

  private static int[] places(String text, String of) {
    List<Integer> places = new ArrayList<>();
    int place = text.indexOf(of);
    while (place >= 0) {
      places.add(place);
      place = text.indexOf(of, place + of.length());
    }
    return places.stream().mapToInt(Integer::intValue).toArray();
  }

  /** The same digits as text. */
  static String digits(int key) {
    return "%08d".formatted(key);
  }
}
