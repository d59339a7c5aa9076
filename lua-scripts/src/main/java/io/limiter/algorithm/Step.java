package io.limiter.algorithm;

/** What a limit answered, and what is stored for the counter from then on. */
public record Step(Outcome outcome, CounterState after) {}
