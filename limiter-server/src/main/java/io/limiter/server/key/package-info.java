/**
 * How a counter, a receipt and an idempotency record are named in Redis: the only place where a key
 * is put together.
 */
@NullMarked
package io.limiter.server.key;

import org.jspecify.annotations.NullMarked;
