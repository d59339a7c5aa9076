/** Limits what is subscribed to. */
@NullMarked
package io.limiter.client.reactor;

import org.jspecify.annotations.NullMarked;
