package io.limiter.server.rules;

/** Something wrong in a file of rules. */
public record Problem(String file, int line, int column, String message) {
  @Override
  public String toString() {
    return file + ':' + line + ':' + column + ": " + message;
  }
}
