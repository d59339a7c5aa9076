package io.limiter.jmh.load;

import com.google.protobuf.MessageLite;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A question as bytes, in which the eight digits of a key are to be filled in. */
final class Prototype {
  /** Where a key's digits go. Nothing else in a question may look like it. */
  static final String PLACE = "########";

  final byte[] bytes;
  final int[] places;

  private Prototype(byte[] bytes, int[] places) {
    this.bytes = bytes;
    this.places = places;
  }

  static Prototype of(MessageLite message) {
    byte[] bytes = message.toByteArray();
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    List<Integer> places = new ArrayList<>();
    int place = text.indexOf(PLACE);
    while (place >= 0) {
      places.add(place);
      place = text.indexOf(PLACE, place + PLACE.length());
    }
    return new Prototype(bytes, places.stream().mapToInt(Integer::intValue).toArray());
  }

  /** The same digits as text. */
  static String digits(int key) {
    return "%08d".formatted(key);
  }
}
