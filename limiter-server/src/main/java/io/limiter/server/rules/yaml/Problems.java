package io.limiter.server.rules.yaml;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * The problems of one file, as they are found, and what is odd in it but can be used. Not safe to
 * share between threads.
 */
public final class Problems {
  private final String file;
  private final List<Problem> all = new ArrayList<>();
  private final List<Problem> warnings = new ArrayList<>();

  public Problems(String file) {
    this.file = file;
  }

  public String file() {
    return file;
  }

  public void add(Node at, String message) {
    add(at.getStartMark(), message);
  }

  public void add(Optional<Mark> at, String message) {
    add(at.map(Mark::getLine).orElse(0) + 1, at.map(Mark::getColumn).orElse(0) + 1, message);
  }

  public void add(int line, int column, String message) {
    all.add(new Problem(file, line, column, message));
  }

  /** Says that something is ignored, or may not mean what it seems to. */
  public void warn(Node at, String message) {
    warn(at.getStartMark(), message);
  }

  void warn(Optional<Mark> at, String message) {
    int line = at.map(Mark::getLine).orElse(0) + 1;
    int column = at.map(Mark::getColumn).orElse(0) + 1;
    warnings.add(new Problem(file, line, column, message));
  }

  /** How many there are so far; to see whether reading something added to them. */
  public int count() {
    return all.size();
  }

  /** All of them, in the order of the file. */
  public List<Problem> list() {
    return all.stream().distinct().sorted(Problem.READING_ORDER).toList();
  }

  /** What was warned of, in the order of the file. */
  public List<Problem> warnings() {
    return warnings.stream().distinct().sorted(Problem.READING_ORDER).toList();
  }
}
