/** What is held in place of callers' guesses, learned from what earlier holds were settled by. */
@NullMarked
package io.limiter.server.estimate;

import org.jspecify.annotations.NullMarked;
