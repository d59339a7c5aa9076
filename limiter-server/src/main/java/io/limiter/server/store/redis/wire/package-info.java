/** A call of a script as it is written to Redis, and its reply as it is read. */
@NullMarked
package io.limiter.server.store.redis.wire;

import org.jspecify.annotations.NullMarked;
