package io.limiter.server.gateway;

import java.util.List;

/**
 * Writes a problem as RFC 9457 has it. By hand: it is written for each denial, and most of a flood
 * is denials.
 */
final class ProblemText {
  private final String type;
  private final String title;
  private final StringBuilder rest = new StringBuilder(256);

  ProblemText(String type, String title, String detail) {
    this.type = type;
    this.title = title;
    add("detail", detail);
  }

  void add(String name, String text) {
    name(name);
    quoted(text);
  }

  void add(String name, long number) {
    name(name);
    rest.append(number);
  }

  void add(String name, List<String> texts) {
    name(name);
    char before = '[';
    for (String text : texts) {
      rest.append(before);
      quoted(text);
      before = ',';
    }
    rest.append(texts.isEmpty() ? "[]" : "]");
  }

  private void name(String name) {
    rest.append(",\"").append(name).append("\":");
  }

  private void quoted(String text) {
    rest.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' || c > '~') {
        rest.append(String.format("\\u%04x", (int) c));
      } else {
        rest.append(c == '"' || c == '\\' ? "\\" : "").append(c);
      }
    }
    rest.append('"');
  }

  /** The whole, with the status of its response. */
  String of(int status) {
    return "{\"type\":\""
        + type
        + "\",\"title\":\""
        + title
        + "\",\"status\":"
        + status
        + rest
        + "}\n";
  }
}
