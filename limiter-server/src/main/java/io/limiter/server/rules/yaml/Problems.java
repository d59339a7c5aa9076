package io.limiter.server.rules.yaml;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * The problems of one file, as they are found, and what is odd in it but can be used. The first of
 * each are kept, the other problems are counted. Not safe to share between threads.
 */
public final class Problems {
  /** So many are kept. */
  static final int MOST = 100;

  /** The longest message that is kept whole, in UTF-16 units: a name in it may be very long. */
  private static final int LONGEST = 2_000;

  private final String file;
  private final List<Problem> kept = new ArrayList<>();
  private final List<Problem> warnings = new ArrayList<>();
  private int count;

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
    count++;
    if (kept.size() < MOST) {
      String shown = message.length() <= LONGEST ? message : message.substring(0, LONGEST) + "…";
      kept.add(new Problem(file, line, column, shown));
    }
  }

  /** Says that something is ignored, or may not mean what it seems to. */
  public void warn(Node at, String message) {
    warn(at.getStartMark(), message);
  }

  void warn(Optional<Mark> at, String message) {
    int line = at.map(Mark::getLine).orElse(0) + 1;
    int column = at.map(Mark::getColumn).orElse(0) + 1;
    if (warnings.size() < MOST) {
      warnings.add(new Problem(file, line, column, message));
    }
  }

  /** How many there are so far; to see whether reading something added to them. */
  public int count() {
    return count;
  }

  /** Whether the next one is only counted, so that its message need not be made. */
  boolean isFull() {
    return kept.size() == MOST;
  }

  /** Those that are kept, in the order of the file, and how many there are beside them. */
  public List<Problem> list() {
    List<Problem> list =
        new ArrayList<>(kept.stream().distinct().sorted(Problem.READING_ORDER).toList());
    if (count > MOST) {
      Problem last = list.get(list.size() - 1);
      list.add(
          new Problem(
              file,
              last.line(),
              last.column(),
              "%d more problems are not shown; correct those above first".formatted(count - MOST)));
    }
    return list;
  }

  /** What was warned of, in the order of the file; the first only, if there is much. */
  public List<Problem> warnings() {
    return warnings.stream().distinct().sorted(Problem.READING_ORDER).toList();
  }
}
