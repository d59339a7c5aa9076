/** Counters in memory: the stand-in for Redis, and what Redis is compared with. */
@NullMarked
package io.limiter.server.store.local;

import org.jspecify.annotations.NullMarked;
