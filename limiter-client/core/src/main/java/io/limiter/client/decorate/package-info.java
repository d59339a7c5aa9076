/** Calls that ask for room before they go ahead. */
@NullMarked
package io.limiter.client.decorate;

import org.jspecify.annotations.NullMarked;
