package io.limiter.server.rules.file;

/**
 * Something in a directory of rules that is not read.
 *
 * @param file its name below the directory
 * @param why and, where there is something to do, what
 */
public record LeftOut(String file, String why) {
  @Override
  public String toString() {
    return file + ": " + why;
  }
}
