/** What a counter said, as it is told to the question that asked it. */
@NullMarked
package io.limiter.server.decide.outcome;

import org.jspecify.annotations.NullMarked;
