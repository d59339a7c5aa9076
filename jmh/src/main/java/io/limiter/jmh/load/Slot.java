package io.limiter.jmh.load;

/** One place in flight: asks a question, and is told when its answer is there. */
abstract class Slot {
  private final Score score = new Score();
  private final Tally tally;
  private Pace pace = Pace.IDLE;
  private long sinceNanos;

  Slot(Tally tally) {
    this.tally = tally;
  }

  /** Whom to tell of answers from now on. Only while nothing is under way. */
  final void under(Pace pace) {
    this.pace = pace;
  }

  /**
   * Asks the next question.
   *
   * @param sinceNanos when it was due, from which its latency counts
   */
  final void ask(long sinceNanos) {
    this.sinceNanos = sinceNanos;
    score.clear();
    send();
  }

  /** Sends the next question; {@link #answered} is to be called once, from any thread. */
  abstract void send();

  final Score score() {
    return score;
  }

  /** The score holds what the answer says. */
  final void answered() {
    long now = pace.nanoTime();
    tally.add(score, now - sinceNanos);
    pace.answered(this, score.decisions() > 0, now);
  }
}
