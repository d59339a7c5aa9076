package io.limiter.share;

/**
 * Who is active in a shared pool, as sums. Time is cut into epochs: the windows of a fixed window,
 * or the times in which a bucket fills whole. Who asked in this epoch or in the one before is
 * active.
 *
 * @param since when this was begun; what a tenant has from before does not count
 * @param start of the present epoch, in microseconds since the epoch
 * @param stop its end
 * @param endMicros the end of the next one, when nobody of this is active any more
 * @param guarantees of tenants, in basis points
 * @param weights of tenants
 * @param level how much the tenant that borrowed most has borrowed in this epoch, by its weight
 * @param base the level at the end of the epoch before
 */
record Sharers(
    long since,
    long start,
    long stop,
    long endMicros,
    Sum guarantees,
    Sum weights,
    double level,
    double base) {

  /**
   * A sum over tenants.
   *
   * @param before of those who asked in the epoch before
   * @param asked of those who asked in this one
   * @param fresh as far as these are not in {@code before}
   */
  record Sum(long before, long asked, long fresh) {
    static final Sum NONE = new Sum(0, 0, 0);

    /** Over all who are active. */
    long active() {
      return before + fresh;
    }

    /** With one more that asked, of which so much was known before. */
    Sum noting(long value, long known) {
      return new Sum(before, asked + value, fresh + Math.max(0, value - known));
    }
  }

  static Sharers none(long start, long stop, long endMicros, long nowMicros) {
    return new Sharers(nowMicros, start, stop, endMicros, Sum.NONE, Sum.NONE, 0, 0);
  }

  /** The same in an epoch: this one, the one behind it, or else a new beginning. */
  Sharers in(long from, long to, long end, long nowMicros) {
    if (start == from && stop == to) {
      return this;
    }
    return stop == from
        ? new Sharers(
            since,
            from,
            to,
            end,
            new Sum(guarantees.asked(), 0, 0),
            new Sum(weights.asked(), 0, 0),
            0,
            level)
        : none(from, to, end, nowMicros);
  }

  /** With one more tenant that asked in this epoch, of which so much was known before. */
  Sharers noting(long guarantee, long weight, long knownGuarantee, long knownWeight) {
    return new Sharers(
        since,
        start,
        stop,
        endMicros,
        guarantees.noting(guarantee, knownGuarantee),
        weights.noting(weight, knownWeight),
        level,
        base);
  }

  Sharers raised(double to) {
    return new Sharers(
        since, start, stop, endMicros, guarantees, weights, Math.max(level, to), base);
  }
}
