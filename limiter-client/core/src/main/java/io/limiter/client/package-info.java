/**
 * The thin Java client of the rate-limit service: it asks, and knows no algorithm.
 *
 * <pre>{@code
 * try (LimiterClient limiter = LimiterClient.to("limiter.internal:8081").build()) {
 *   Decision decision =
 *       limiter.check(CheckRequest.in("edge").attribute("user", "alice").cost(2));
 *   if (!decision.allowed()) {
 *     // answer 429
 *   }
 * }
 * }</pre>
 */
@NullMarked
package io.limiter.client;

import org.jspecify.annotations.NullMarked;
