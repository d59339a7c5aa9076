/**
 * The use case: match the rules, charge the counters, combine the outcomes into a verdict. Knows no
 * transport and no Redis.
 */
@NullMarked
package io.limiter.server.decide;

import org.jspecify.annotations.NullMarked;
