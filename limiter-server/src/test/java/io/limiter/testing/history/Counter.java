package io.limiter.testing.history;

import io.limiter.algorithm.Limit;
import io.limiter.ledger.FailureMode;

/**
 * What is known of a counter.
 *
 * @param limit what it admits
 * @param onFailure what is answered in its place
 */
public record Counter(Limit limit, FailureMode onFailure) {}
