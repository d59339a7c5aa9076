package io.limiter.server.key;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.IdentityHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A key that is being put together, or a piece of one. All of it is ASCII: each part is escaped, so
 * that none can hold what stands between parts. Every decision makes a key, so each part is looked
 * at and copied in one go. Not safe to share between threads.
 */
final class KeyText {
  /** Marks whose digits {@link #setHash} sets later. */
  static final String PLACE_FOR_HASH = "00000000";

  private static final String LOWER = "0123456789abcdef";
  private static final String UPPER = "0123456789ABCDEF";

  /** {@code %u} and four digits. */
  private static final int LONGEST_ESCAPE = 6;

  /** Whether a character stands for itself. */
  private static final boolean[] ITSELF = new boolean[128];

  static {
    for (char c = 0; c < ITSELF.length; c++) {
      ITSELF[c] =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || "-_./@+,;!$&'()*".indexOf(c) >= 0;
    }
  }

  /** From so many UTF-16 units on, a digest takes long enough to be kept for the next key. */
  private static final int LONG = 1_024;

  private byte[] bytes = new byte[96];
  private int length;

  /** How values that are secrets are hashed. */
  private final ValueHash values;

  /** The digests of long values, by the object; null as long as none was met. */
  private @Nullable IdentityHashMap<String, String> digests;

  /** The same of those that are secrets. */
  private @Nullable IdentityHashMap<String, String> secrets;

  /** A key without secrets. */
  KeyText() {
    this(ValueHash.PLAIN);
  }

  KeyText(ValueHash values) {
    this.values = values;
  }

  /** Begins the next key of a question: what is long is digested once for all of them. */
  KeyText clear() {
    length = 0;
    return this;
  }

  int length() {
    return length;
  }

  /** What stands between parts: ASCII, as it is. */
  KeyText mark(char mark) {
    roomFor(1);
    bytes[length++] = (byte) mark;
    return this;
  }

  /** Marks, or what is made of marks and parts: ASCII, as it is. */
  @SuppressWarnings("deprecation") // it takes the low byte of each character, which is all of ASCII
  KeyText marks(String marks) {
    roomFor(marks.length());
    marks.getBytes(0, marks.length(), bytes, length);
    length += marks.length();
    return this;
  }

  /**
   * A text that anybody may have chosen: escaped, or its {@link #digest} if it is longer than
   * {@value CounterKeys#LONGEST_VALUE} bytes.
   */
  KeyText part(String text) {
    if (text.length() > CounterKeys.LONGEST_VALUE
        || (text.length() > CounterKeys.LONGEST_VALUE / 3
            && text.getBytes(StandardCharsets.UTF_8).length > CounterKeys.LONGEST_VALUE)) {
      return mark('#').marks(text.length() < LONG ? digest(text) : keptDigest(text));
    }
    roomFor(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ITSELF.length && ITSELF[c]) {
        bytes[length++] = (byte) c;
      } else {
        // Few texts need more room than they have characters; what is left may all be escaped.
        roomFor(LONGEST_ESCAPE * (text.length() - i));
        escape(c);
      }
    }
    return this;
  }

  /** The hash of a text that is a secret, whatever its length, and what tells how it was made. */
  KeyText secret(String text) {
    return mark(values.mark()).marks(text.length() < LONG ? values.digest(text) : keptSecret(text));
  }

  private String keptSecret(String text) {
    IdentityHashMap<String, String> kept = secrets;
    if (kept == null) {
      kept = new IdentityHashMap<>();
      secrets = kept;
    }
    return kept.computeIfAbsent(text, values::digest);
  }

  private String keptDigest(String text) {
    IdentityHashMap<String, String> kept = digests;
    if (kept == null) {
      kept = new IdentityHashMap<>();
      digests = kept;
    }
    return kept.computeIfAbsent(text, KeyText::digest);
  }

  private void escape(char c) {
    bytes[length++] = '%';
    int digits = 2;
    if (c >= 256) {
      bytes[length++] = 'u';
      digits = 4;
    }
    for (int i = digits - 1; i >= 0; i--) {
      bytes[length++] = (byte) UPPER.charAt((c >> (4 * i)) & 15);
    }
  }

  /** Sets the digits of a {@link #PLACE_FOR_HASH} that was put in at a place. */
  void setHash(int place, int hash) {
    for (int i = 0; i < PLACE_FOR_HASH.length(); i++) {
      bytes[place + i] = (byte) LOWER.charAt((hash >>> (28 - 4 * i)) & 15);
    }
  }

  /** Puts the {@link #digest} of what was put in from a place on into its place, if it is long. */
  void shorten(int place, int longest) {
    if (length - place > longest) {
      String digest = digest(new String(bytes, place, length - place, StandardCharsets.US_ASCII));
      length = place;
      mark('#').marks(digest);
    }
  }

  /**
   * The hash of what was put in from a place on, as {@link String#hashCode}.
   *
   * @param before the hash of what is to be hashed before it; 0 for nothing
   */
  int hash(int place, int before) {
    int hash = before;
    for (int i = place; i < length; i++) {
      hash = 31 * hash + bytes[i];
    }
    return hash;
  }

  /** What was put in. */
  byte[] toBytes() {
    return Arrays.copyOf(bytes, length);
  }

  private void roomFor(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
    }
  }

  @Override
  public String toString() {
    return new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
  }

  /** A short name for a long text: 128 bits of its SHA-256, in 22 characters. */
  static String digest(String text) {
    try {
      byte[] all =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(all, 16));
    } catch (NoSuchAlgorithmException impossible) {
      throw new AssertionError("every Java runtime has SHA-256", impossible);
    }
  }
}
