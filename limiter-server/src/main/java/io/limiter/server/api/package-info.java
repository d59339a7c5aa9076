/**
 * Reads, checks and answers {@code limiter.v1} for whichever transport carries it; what failures
 * are told as.
 */
@NullMarked
package io.limiter.server.api;

import org.jspecify.annotations.NullMarked;
