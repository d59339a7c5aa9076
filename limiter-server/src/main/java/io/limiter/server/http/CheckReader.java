package io.limiter.server.http;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import io.limiter.v1.CheckAndConsumeRequest;
import java.io.IOException;
import java.io.StringReader;
import org.jspecify.annotations.Nullable;

/**
 * Reads plain questions as {@link JsonMessages} reads any message, in a fraction of the time. What
 * is not plain is left to that: whatever is wrong, and whatever is right and rare.
 */
final class CheckReader {
  private static final long MOST_EXACT = 1L << 53;

  private final JsonReader json;
  private final CheckAndConsumeRequest.Builder question = CheckAndConsumeRequest.newBuilder();
  private boolean isPlain = true;

  /** The fields that were read, as bits. */
  private int seen;

  private CheckReader(String text) {
    json = new JsonReader(new StringReader(text));
    json.setStrictness(Strictness.STRICT);
  }

  /** The question; null if it is not plain. */
  static @Nullable CheckAndConsumeRequest read(String text) {
    CheckReader reader = new CheckReader(text);
    try {
      reader.question();
    } catch (IOException | IllegalStateException | NumberFormatException notPlain) {
      return null;
    }
    return reader.isPlain ? reader.question.build() : null;
  }

  private void question() throws IOException {
    json.beginObject();
    while (isPlain && json.hasNext()) {
      String name = json.nextName();
      switch (name) {
        case "domain" -> {
          once(1);
          question.setDomain(text());
        }
        case "attributes" -> {
          once(1 << 5);
          attributes();
        }
        case "cost" -> {
          once(1 << 1);
          question.setCost(number());
        }
        case "requestId" -> {
          once(1 << 2);
          question.setRequestId(text());
        }
        case "wantReceipt" -> {
          once(1 << 3);
          question.setWantReceipt(json.nextBoolean());
        }
        case "idempotencyKey" -> {
          once(1 << 4);
          question.setIdempotencyKey(text());
        }
        default -> isPlain = false;
      }
    }
    if (isPlain) {
      json.endObject();
      isPlain = json.peek() == JsonToken.END_DOCUMENT;
    }
  }

  private void once(int field) {
    isPlain &= (seen & field) == 0;
    seen |= field;
  }

  private void attributes() throws IOException {
    json.beginObject();
    while (isPlain && json.hasNext()) {
      String name = json.nextName();
      isPlain = isWhole(name) && !question.containsAttributes(name);
      question.putAttributes(name, text());
    }
    if (isPlain) {
      json.endObject();
    }
  }

  private String text() throws IOException {
    if (json.peek() != JsonToken.STRING) {
      isPlain = false;
      return "";
    }
    String text = json.nextString();
    isPlain &= isWhole(text);
    return text;
  }

  /** Half a character is no text. */
  private static boolean isWhole(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  private long number() throws IOException {
    if (json.peek() != JsonToken.NUMBER) {
      isPlain = false;
      return 0;
    }
    String digits = json.nextString();
    isPlain = digits.length() <= 16 && digits.chars().allMatch(c -> c >= '0' && c <= '9');
    long number = isPlain ? Long.parseLong(digits) : 0;
    isPlain &= number <= MOST_EXACT;
    return number;
  }
}
