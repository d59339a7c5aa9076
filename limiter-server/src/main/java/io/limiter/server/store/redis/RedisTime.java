package io.limiter.server.store.redis;

/**
 * About the time by one Redis: that of its newest reply. Safe to share between threads.
 *
 * <p>A calendar window (a day, a month in a time zone) is worked out here and sent along. Redis may
 * find that its own time lies outside the windows it was sent. It then charges nothing and names
 * its time; the call is repeated with the windows around that.
 */
final class RedisTime {
  private volatile long newestMicros;

  /** Notes the time that a reply names, in microseconds since the epoch. */
  void saw(long nowMicros) {
    newestMicros = nowMicros;
  }

  /** What a call that is sent now works its calendar windows out for. */
  Windows windows() {
    return new Windows(newestMicros, 1);
  }

  /**
   * The time around which a call's calendar windows lie.
   *
   * @param aroundMicros microseconds since the epoch
   * @param tries how often the call was sent, this time included
   */
  record Windows(long aroundMicros, int tries) {
    private static final int MOST_TRIES = 3;

    /** Whether the call may be repeated. No clock moves by a whole window between two calls. */
    boolean mayRepeat() {
      return tries < MOST_TRIES;
    }

    /** The windows around the time that Redis named. */
    Windows repeat(long nowMicros) {
      return new Windows(nowMicros, tries + 1);
    }
  }
}
