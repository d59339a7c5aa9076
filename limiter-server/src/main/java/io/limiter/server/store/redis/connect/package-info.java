/** The connection to one Redis: how it is found, made again, and what its failures are. */
@NullMarked
package io.limiter.server.store.redis.connect;

import org.jspecify.annotations.NullMarked;
