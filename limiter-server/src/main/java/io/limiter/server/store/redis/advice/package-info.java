/** What is wrong with the settings of a Redis, by what it says of itself. */
@NullMarked
package io.limiter.server.store.redis.advice;

import org.jspecify.annotations.NullMarked;
