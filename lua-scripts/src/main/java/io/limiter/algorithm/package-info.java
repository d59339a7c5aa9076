/**
 * The five rate-limit algorithms as pure functions of (state, limit, cost, time), in integers.
 *
 * <p>Each limit here has a twin in Lua that runs inside Redis; both take the same integer steps, so
 * that what one decides the other decides. Nothing in this package reads a clock, does I/O or holds
 * a lock; every type is immutable and safe to share between threads.
 */
@NullMarked
package io.limiter.algorithm;

import org.jspecify.annotations.NullMarked;
