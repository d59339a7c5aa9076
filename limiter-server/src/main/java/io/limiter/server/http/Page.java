package io.limiter.server.http;

import java.util.Map;

/**
 * A response.
 *
 * @param contentType empty if there is no body
 * @param headers further ones
 */
record Page(int status, String contentType, String body, Map<String, String> headers) {
  static final String TEXT = "text/plain; charset=utf-8";
  static final String JSON = "application/json";

  Page(int status, String contentType, String body) {
    this(status, contentType, body, Map.of());
  }

  static Page text(int status, String body) {
    return new Page(status, TEXT, body);
  }

  static Page json(String body) {
    return new Page(200, JSON, body);
  }
}
