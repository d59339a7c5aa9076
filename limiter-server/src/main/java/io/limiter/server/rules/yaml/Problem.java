package io.limiter.server.rules.yaml;

import io.limiter.server.rules.Quoted;
import java.util.Comparator;

/**
 * Something wrong in a rules file. Prints as {@code edge.yaml:12:13: message}.
 *
 * @param file the file's name, without its directory
 * @param line from 1
 * @param column from 1
 * @param message the value at fault, its bound and what to write instead
 */
public record Problem(String file, int line, int column, String message) {
  static final Comparator<Problem> READING_ORDER =
      Comparator.comparing(Problem::file)
          .thenComparingInt(Problem::line)
          .thenComparingInt(Problem::column);

  @Override
  public String toString() {
    return Quoted.line(file + ':' + line + ':' + column + ": " + message);
  }
}
