package io.limiter.server.faults;

import java.time.Duration;

/**
 * Something that goes wrong.
 *
 * @param more how many times the limit can be admitted once more, beside one for each instance
 * @param keeps whether Redis keeps all that it acknowledged
 * @param errors what callers may be told beside a decision; empty for nothing
 * @param hold how long it lasts at least
 */
record Fault(
    String name, int more, boolean keeps, String errors, Duration hold, Step strike, Step heal) {
  /** A part of it. */
  interface Step {
    void run() throws Exception;
  }

  /** One after which limits hold but for the shares, and callers are always decided. */
  static Fault of(String name, Step strike, Step heal) {
    return new Fault(name, 1, true, "", Duration.ofMillis(500), strike, heal);
  }

  /** The same of a Redis that loses what it acknowledged. */
  Fault losing() {
    return new Fault(name, more + 1, false, errors, hold, strike, heal);
  }

  Fault startingAlone() {
    return new Fault(name, more + 1, keeps, errors, hold, strike, heal);
  }

  /** The same, where callers may be told this by a pattern. */
  Fault telling(String errors) {
    return new Fault(name, more, keeps, errors, hold, strike, heal);
  }

  Fault holding(Duration hold) {
    return new Fault(name, more, keeps, errors, hold, strike, heal);
  }

  /** The most that may be admitted beyond the limit. */
  int bound() {
    return more * Caller.LIMIT + Services.COUNT;
  }
}
