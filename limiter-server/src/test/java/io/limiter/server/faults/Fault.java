package io.limiter.server.faults;

import java.time.Duration;

/**
 * Something that goes wrong.
 *
 * @param more how many times the limit can be admitted once more, beside one for each instance
 * @param keeps whether Redis keeps all that it acknowledged
 * @param told what callers may be told beside a decision, as a pattern; empty for nothing
 * @param shown what an operator sees on {@code /readyz}, in metrics or in the log
 * @param hold how long it lasts at least
 * @param hangs whether an instance does, so that callers wait there in vain if it lasts so long
 * @param often whether it is short enough to be met whenever the tests run
 */
record Fault(
    String name,
    int more,
    boolean keeps,
    String told,
    String shown,
    Duration hold,
    boolean hangs,
    boolean often,
    Step strike,
    Step heal) {
  /** A part of it. */
  interface Step {
    void run() throws Exception;
  }

  /** One after which limits hold but for the shares, and callers are always decided. */
  static Fault of(String name, Step strike, Step heal) {
    return new Fault(name, 1, true, "", "", Duration.ofMillis(500), false, true, strike, heal);
  }

  /** The same of a Redis that loses what it acknowledged. */
  Fault losing() {
    return new Fault(name, more + 1, false, told, shown, hold, hangs, often, strike, heal);
  }

  /** The same, where an instance starts that knows of no other. */
  Fault startingAlone() {
    return new Fault(name, more + 1, keeps, told, shown, hold, hangs, often, strike, heal);
  }

  Fault telling(String pattern) {
    return new Fault(name, more, keeps, pattern, shown, hold, hangs, often, strike, heal);
  }

  Fault showing(String text) {
    return new Fault(name, more, keeps, told, text, hold, hangs, often, strike, heal);
  }

  Fault holding(Duration time) {
    return new Fault(name, more, keeps, told, shown, time, hangs, often, strike, heal);
  }

  /** One of an instance that hangs; whoever waited there in vain is told this. */
  Fault hanging(String pattern) {
    return new Fault(name, more, keeps, pattern, shown, hold, true, often, strike, heal);
  }

  /** The same, which other tests prove too, or which takes long. */
  Fault seldom() {
    return new Fault(name, more, keeps, told, shown, hold, hangs, false, strike, heal);
  }

  /** The most that may be admitted beyond the limit. */
  int bound() {
    return more * Caller.LIMIT + Services.COUNT;
  }
}
