package io.limiter.server.rules;

/**
 * So much in so much time, as a rules file says it.
 *
 * @param periodMicros in microseconds
 */
public record Rate(long amount, long periodMicros) {}
