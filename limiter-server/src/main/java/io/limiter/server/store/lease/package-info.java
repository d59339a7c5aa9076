/** What this instance charges ahead of need, and answers from without asking Redis. */
@NullMarked
package io.limiter.server.store.lease;

import org.jspecify.annotations.NullMarked;
