package io.limiter.client.spring.web;

import org.jspecify.annotations.Nullable;

/** Where the value of an attribute comes from. */
@FunctionalInterface
interface AttributeSource {
  @Nullable String of(HttpFacts request);

  /**
   * Reads one.
   *
   * @param where it is written, in messages
   * @throws IllegalStateException if it is none; the message lists all
   */
  static AttributeSource parse(String where, String text) {
    if (text.startsWith("header:") && text.length() > "header:".length()) {
      String name = text.substring("header:".length()).strip();
      return request -> request.header(name);
    }
    if (text.startsWith("text:")) {
      String value = text.substring("text:".length());
      return request -> value;
    }
    return switch (text) {
      case "remote-address" -> HttpFacts::remoteAddress;
      case "principal" -> HttpFacts::principal;
      case "method" -> HttpFacts::method;
      case "path" -> request -> request.path().value();
      default ->
          throw new IllegalStateException(
              where
                  + " is \"%s\"; write remote-address, principal, method, path, header:NAME or"
                      .formatted(text)
                  + " text:VALUE");
    };
  }
}
