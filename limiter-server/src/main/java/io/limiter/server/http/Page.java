package io.limiter.server.http;

/** The response to a GET. */
record Page(int status, String contentType, String body) {
  static final String TEXT = "text/plain; charset=utf-8";

  static Page text(int status, String body) {
    return new Page(status, TEXT, body);
  }
}
