/** What keeps one caller from starving the others: queues served in turn, and shares of a whole. */
@NullMarked
package io.limiter.server.fair;

import org.jspecify.annotations.NullMarked;
