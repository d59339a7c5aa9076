package io.limiter.jmh.load.pace;

/** One place in flight: asks a question, and is told when its answer is there. */
public abstract class Slot {
  private final Score score = new Score();
  private final Tally tally;
  private Pace pace = Pace.IDLE;
  private long sinceNanos;

  public Slot(Tally tally) {
    this.tally = tally;
  }

  /** Whom to tell of answers from now on. Only while nothing is under way. */
  public final void under(Pace pace) {
    this.pace = pace;
  }

  /**
   * Asks the next question.
   *
   * @param sinceNanos when it was due, from which its latency counts
   */
  public final void ask(long sinceNanos) {
    this.sinceNanos = sinceNanos;
    score.clear();
    send();
  }

  /** Sends the next question; {@link #answered} is to be called once, from any thread. */
  public abstract void send();

  public final Score score() {
    return score;
  }

  /** The score holds what the answer says. */
  public final void answered() {
    long now = pace.nanoTime();
    tally.add(score, now - sinceNanos);
    pace.answered(this, score.decisions() > 0, now);
  }
}
