/** Prefetches from counters, and answers from that without asking Redis. */
@NullMarked
package io.limiter.server.store.lease;

import org.jspecify.annotations.NullMarked;
