package io.limiter.server.rules.file;

import io.limiter.algorithm.Limit;
import io.limiter.ledger.LeaseTerms;
import io.limiter.server.rules.Rule;

/**
 * A lease as a rule says it: for whatever limit the rule has.
 *
 * @param basisPoints what an instance holds at most, in hundredths of a percent of the limit
 * @param idleMicros after how long without use it gives it back, in microseconds
 */
record LeaseShare(int basisPoints, long idleMicros) {

  /** Rounded down, and at least one token: of a small limit that is more than the share. */
  LeaseTerms of(Limit limit) {
    long most = limit.limit();
    long all = Rule.Mode.ALL;
    // In two parts, since most times basisPoints may pass 2^63.
    long tokens = most / all * basisPoints + most % all * basisPoints / all;
    return new LeaseTerms(Math.max(1, tokens), idleMicros);
  }
}
