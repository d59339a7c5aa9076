/**
 * The use case: match the rules, ask the counters, combine their answers. Knows no transport and no
 * Redis.
 */
@NullMarked
package io.limiter.server.decide;

import org.jspecify.annotations.NullMarked;
