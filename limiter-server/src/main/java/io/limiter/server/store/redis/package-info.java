/** The counters in Redis: one script for a batch of questions, one connection for each node. */
@NullMarked
package io.limiter.server.store.redis;

import org.jspecify.annotations.NullMarked;
