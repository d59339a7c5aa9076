/** What a decision needs of the shared counters, whoever keeps them. */
@NullMarked
package io.limiter.server.store;

import org.jspecify.annotations.NullMarked;
