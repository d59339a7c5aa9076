package io.limiter.server.gateway;

import java.time.Instant;
import java.util.List;

/**
 * Writes a problem as RFC 9457 has it. By hand: it is written for each denial, and most of a flood
 * is denials.
 */
final class ProblemText {
  /** Most denials of a flood end in the same second. */
  private static volatile Second last = new Second(0, Instant.EPOCH.toString());

  private final StringBuilder json = new StringBuilder(512);

  private record Second(long epoch, String text) {}

  /** A problem. Type and title are our own, and plain. */
  ProblemText(String type, String title, int status, String detail) {
    json.append("{\"type\":\"").append(type).append("\",\"title\":\"").append(title).append('"');
    add("status", status);
    add("detail", detail);
  }

  void add(String name, String text) {
    name(name);
    quoted(text);
  }

  void add(String name, long number) {
    name(name);
    json.append(number);
  }

  void add(String name, List<String> texts) {
    name(name);
    char before = '[';
    for (String text : texts) {
      json.append(before);
      quoted(text);
      before = ',';
    }
    json.append(texts.isEmpty() ? "[]" : "]");
  }

  /** Adds a time in seconds since the epoch, as RFC 3339 has it. */
  void addTime(String name, long epochSecond) {
    Second known = last;
    if (known.epoch != epochSecond) {
      known = new Second(epochSecond, Instant.ofEpochSecond(epochSecond).toString());
      last = known;
    }
    add(name, known.text);
  }

  private void name(String name) {
    json.append(",\"").append(name).append("\":");
  }

  private void quoted(String text) {
    json.append('"');
    int plain = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' || c > '~' || c == '"' || c == '\\') {
        json.append(text, plain, i).append(String.format("\\u%04x", (int) c));
        plain = i + 1;
      }
    }
    json.append(text, plain, text.length()).append('"');
  }

  @Override
  public String toString() {
    return json.append("}\n").toString();
  }
}
