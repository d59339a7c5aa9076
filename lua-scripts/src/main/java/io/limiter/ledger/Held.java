package io.limiter.ledger;

/**
 * What a counter holds.
 *
 * @param held the sum of its holds that have not ended
 * @param owed how far settlements have put it above its limit
 * @param number of the hold that was taken now, by which it is found; 0 if none was
 * @param expiresMicros when that hold expires, in microseconds since the epoch; 0 if there is none
 */
public record Held(long held, long owed, long number, long expiresMicros) {
  /** Of a counter without a book of holds. */
  public static final Held NONE = new Held(0, 0, 0, 0);
}
