package io.limiter.server.api;

import com.google.rpc.BadRequest;
import io.limiter.algorithm.Bounds;
import io.limiter.server.rules.Quoted;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is wrong with one request.
 *
 * <p>It travels in HTTP/2 trailers, of which clients accept 8 KiB by default. So names are
 * shortened, and only the first violations are listed.
 */
public final class Violations {
  private static final int MAX_LISTED = 10;

  private BadRequest.@Nullable Builder details;
  private int found;
  private String parent = "";

  /** The fields that come next are those of another field. */
  void in(String field) {
    parent = field + ".";
  }

  /** Adds that {@code field} is wrong; {@code what} says how, and what to use instead. */
  public void add(String field, String what) {
    addText(field, field + " " + what);
  }

  /** The same with a text that names the field already. */
  void addText(String field, String text) {
    found++;
    if (found <= MAX_LISTED) {
      details().addFieldViolationsBuilder().setField(parent + field).setDescription(parent + text);
    }
  }

  public void checkBytes(String field, String text, int least, int most) {
    if (outside(text, least, most)) {
      add(
          field,
          text.isEmpty()
              ? "is empty; use %d to %d bytes".formatted(least, most)
              : "is %d bytes long; use at most %d".formatted(bytes(text), most));
    }
  }

  /** Whether a text has fewer or more UTF-8 bytes. Most texts are too short to count them. */
  public static boolean outside(String text, int least, int most) {
    return text.length() < least
        || text.length() > most
        || (text.length() > most / 3 && bytes(text) > most);
  }

  /** In UTF-8. Half of a character that takes two units counts as half of its bytes. */
  private static int bytes(String text) {
    int bytes = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      bytes += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
    }
    return bytes;
  }

  /** Checks the name of a rule or a unit: 1 to 64 of letters, digits, dot, hyphen, underscore. */
  void checkName(String field, String name) {
    if (name.isEmpty() || name.length() > RequestLimits.MAX_NAME_BYTES || !plain(name)) {
      add(
          field,
          "\"%s\" is no name; use 1 to %d of A-Z a-z 0-9 . _ -"
              .formatted(Quoted.name(name), RequestLimits.MAX_NAME_BYTES));
    }
  }

  /** Checks a uint64, which Java holds as if it were signed, against {@code least} and 2^52. */
  public void checkCount(String field, long value, long least) {
    if (outOfRange(value, least)) {
      add(
          field,
          "%s is out of range; use %d to %d (2^52)"
              .formatted(Long.toUnsignedString(value), least, Bounds.MAX_COUNT));
    }
  }

  static boolean outOfRange(long count, long least) {
    return count < least || count > Bounds.MAX_COUNT;
  }

  public void checkSize(String field, int size, int most) {
    if (size > most) {
      add(field, "has %d entries; use at most %d".formatted(size, most));
    }
  }

  /** How many violations there are. */
  int count() {
    return found;
  }

  /** Refuses the request if anything is wrong with it. */
  public void throwIfAny() {
    if (found > 0) {
      throw refusal();
    }
  }

  /** The exception that lists them. */
  public InvalidRequestException refusal() {
    if (found > MAX_LISTED) {
      details()
          .addFieldViolationsBuilder()
          .setDescription("and %d more violations".formatted(found - MAX_LISTED));
    }
    return new InvalidRequestException(details().build());
  }

  /** Made with the first violation: most requests have none. */
  private BadRequest.Builder details() {
    BadRequest.Builder made = details;
    if (made == null) {
      made = BadRequest.newBuilder();
      details = made;
    }
    return made;
  }

  private static boolean plain(String name) {
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      if (!letter && !(c >= '0' && c <= '9') && "._-".indexOf(c) < 0) {
        return false;
      }
    }
    return true;
  }
}
