package io.limiter.client.servlet;

import java.util.LinkedHashMap;
import java.util.Map;

/** Reads a list of strings with integer parameters, strictly by RFC 9651, and nothing else. */
final class StructuredField {
  private final String text;
  private int at;

  private StructuredField(String text) {
    this.text = text;
  }

  /** The parameters of each item of a list. */
  static Map<String, Map<String, Long>> list(String text) {
    StructuredField field = new StructuredField(text);
    Map<String, Map<String, Long>> items = new LinkedHashMap<>();
    while (true) {
      String name = field.string();
      if (items.put(name, field.parameters()) != null) {
        throw new IllegalArgumentException("twice " + name + " in " + text);
      }
      if (field.at == text.length()) {
        return items;
      }
      field.expect(',');
      field.expect(' ');
    }
  }

  private String string() {
    StringBuilder string = new StringBuilder();
    expect('"');
    while (true) {
      char c = next();
      if (c == '"') {
        return string.toString();
      }
      if (c == '\\') {
        c = next();
        if (c != '"' && c != '\\') {
          throw unexpected(c);
        }
      } else if (c < ' ' || c > '~') {
        throw unexpected(c);
      }
      string.append(c);
    }
  }

  private Map<String, Long> parameters() {
    Map<String, Long> parameters = new LinkedHashMap<>();
    while (at < text.length() && text.charAt(at) == ';') {
      at++;
      StringBuilder key = new StringBuilder();
      char c;
      for (c = next(); c >= 'a' && c <= 'z'; c = next()) {
        key.append(c);
      }
      if (key.isEmpty() || c != '=') {
        throw unexpected(c);
      }
      StringBuilder digits = new StringBuilder();
      while (at < text.length() && Character.isDigit(text.charAt(at))) {
        digits.append(next());
      }
      parameters.put(key.toString(), Long.valueOf(digits.toString()));
    }
    return parameters;
  }

  private char next() {
    if (at == text.length()) {
      throw new IllegalArgumentException("ends too early: " + text);
    }
    return text.charAt(at++);
  }

  private void expect(char wanted) {
    char c = next();
    if (c != wanted) {
      throw unexpected(c);
    }
  }

  private IllegalArgumentException unexpected(char c) {
    return new IllegalArgumentException("unexpected " + c + " at " + at + " of " + text);
  }
}
