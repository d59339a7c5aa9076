/** What a Redis Cluster says of itself: who holds which slot, and where a call is to go instead. */
@NullMarked
package io.limiter.server.store.redis.cluster;

import org.jspecify.annotations.NullMarked;
