/** Answers repeated denials from a cache, in front of a store. */
@NullMarked
package io.limiter.server.store.deny;

import org.jspecify.annotations.NullMarked;
