/**
 * Where Redis is and how one gets in: its URI, the user and password, the certificates to trust.
 * Knows no client of Redis.
 */
@NullMarked
package io.limiter.server.store.endpoint;

import org.jspecify.annotations.NullMarked;
