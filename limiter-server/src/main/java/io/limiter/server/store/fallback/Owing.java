package io.limiter.server.store.fallback;

import io.limiter.algorithm.Limit;

/**
 * What one counter was not charged with.
 *
 * @param cost less than 0 takes from what the counter is owed
 */
record Owing(String key, Limit limit, long cost) {}
