package io.limiter.server.faults;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A line of the table.
 *
 * @param charged how often each question was charged, by its number; of those counted one by one
 * @param lastedNanos how long the fault did
 * @param threads how many the instances have
 */
record Row(
    Fault fault,
    Turn turn,
    Map<Long, Long> charged,
    long lastedNanos,
    long recoveryNanos,
    int threads) {
  /** Nobody waits for longer than they said by so much, however busy the machine. */
  static final Duration LATE = Duration.ofSeconds(5);

  static final String HEAD =
      """
      | fault | decisions | by `source` | longest, 50 ms allowed | longest, 10 s allowed | errors \
      | over the limit of %d, of at most | lost | recovery |
      |---|---|---|---|---|---|---|---|---|
      """
          .formatted(Caller.LIMIT);

  /** Whether somebody patient may have waited in vain. */
  private boolean wasInVain() {
    return fault.hangs() && lastedNanos >= Caller.PATIENCE.toNanos();
  }

  /** What patient callers may have been told beside a decision, as a pattern. */
  String told() {
    return fault.hangs() && !wasInVain() ? "" : fault.told();
  }

  /** How long patient callers waited at most; a bit longer than they said if it was in vain. */
  Duration patience() {
    return wasInVain() ? Caller.PATIENCE.plus(LATE) : Caller.PATIENCE;
  }

  int over() {
    return Math.max(0, turn.admitted() - Caller.LIMIT);
  }

  /** Charges that Redis had acknowledged, and does not have any more. */
  int lost() {
    return (int) turn.admittedByRedis().stream().filter(id -> !charged.containsKey(id)).count();
  }

  private static String millis(long nanos) {
    return String.format(Locale.ROOT, "%,d ms", nanos / 1_000_000);
  }

  private static String text(Map<String, Integer> counts) {
    return counts.isEmpty()
        ? "none"
        : counts.entrySet().stream()
            .map(one -> "%s %,d".formatted(one.getKey(), one.getValue()))
            .collect(Collectors.joining(", "));
  }

  @Override
  public String toString() {
    return "| %s | %,d | %s | %s | %s | %s | %d of %d | %d | %s |"
        .formatted(
            fault.name(),
            turn.asked(),
            text(turn.sources()),
            millis(turn.longestHurriedNanos()),
            millis(turn.longestPatientNanos()),
            text(turn.errors()),
            over(),
            fault.bound(),
            lost(),
            millis(recoveryNanos));
  }
}
