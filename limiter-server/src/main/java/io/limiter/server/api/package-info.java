/**
 * {@code limiter.v1} for whichever transport carries it: {@code RateLimiterApi} reads, checks,
 * decides and writes; {@code Failures} chooses the status of what fails.
 */
@NullMarked
package io.limiter.server.api;

import org.jspecify.annotations.NullMarked;
