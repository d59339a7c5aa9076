package io.limiter.server.fault;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/** The lines of one logger and level in the present period. Safe to call from any thread. */
final class LineCounts {
  /** How often each line came since it was last told of. Its insertion order is that of the log. */
  private final Map<String, Integer> lines = new LinkedHashMap<>();

  private long others;
  private boolean running;

  /** What becomes of a line. */
  enum Fate {
    /** It is written. */
    NEW,
    /** It is written, and a period begins: {@link #end} must follow when it is over. */
    FIRST_OF_PERIOD,
    /** It came before, or there is no room for it. */
    COUNTED
  }

  synchronized Fate add(String line) {
    Integer times = lines.get(line);
    if (times != null) {
      lines.put(line, times + 1);
      return Fate.COUNTED;
    }
    if (lines.size() >= LogLimit.MOST_LINES) {
      others++;
      return Fate.COUNTED;
    }
    lines.put(line, 0);
    boolean first = !running;
    running = true;
    return first ? Fate.FIRST_OF_PERIOD : Fate.NEW;
  }

  /**
   * Ends the period. Tells of what was counted, and forgets what did not come again.
   *
   * @return whether another period begins
   */
  boolean end(Consumer<String> tell) {
    Map<String, Integer> repeated = new LinkedHashMap<>();
    long more;
    boolean again;
    synchronized (this) {
      lines.values().removeIf(times -> times == 0);
      repeated.putAll(lines);
      lines.replaceAll((line, times) -> 0);
      more = others;
      others = 0;
      again = !lines.isEmpty();
      running = again;
    }
    String within = " in the last %d s)".formatted(LogLimit.PERIOD.toSeconds());
    repeated.forEach((line, times) -> tell.accept(line + " (" + times + " more" + within));
    if (more > 0) {
      tell.accept("(" + more + " other lines of this logger" + within);
    }
    return again;
  }
}
