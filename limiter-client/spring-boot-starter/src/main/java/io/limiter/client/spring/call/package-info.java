/** Calls that a Spring application makes to somebody else's API, in that API's limits. */
@NullMarked
package io.limiter.client.spring.call;

import org.jspecify.annotations.NullMarked;
