package io.limiter.ledger;

/**
 * That a counter keeps a book of holds.
 *
 * @param micros how long what is charged now is held, in microseconds; 0 for a charge that is final
 * @param chargedWhenExpired whether a hold that nobody settled stays charged
 */
public record Holding(long micros, boolean chargedWhenExpired) {}
