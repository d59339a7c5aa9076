/** Patterns, conditions, and an index that finds what a request meets, however many there are. */
@NullMarked
package io.limiter.server.rules.index;

import org.jspecify.annotations.NullMarked;
