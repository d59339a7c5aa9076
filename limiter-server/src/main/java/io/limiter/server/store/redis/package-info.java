/** The counters in Redis: one script per question or batch of questions, over one connection. */
@NullMarked
package io.limiter.server.store.redis;

import org.jspecify.annotations.NullMarked;
