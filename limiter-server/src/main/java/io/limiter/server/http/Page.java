package io.limiter.server.http;

/** A response: its status, its type and its body. */
record Page(int status, String contentType, String body) {
  static final String TEXT = "text/plain; charset=utf-8";
  static final String JSON = "application/json";

  static Page text(int status, String body) {
    return new Page(status, TEXT, body);
  }

  static Page json(String body) {
    return new Page(200, JSON, body);
  }
}
