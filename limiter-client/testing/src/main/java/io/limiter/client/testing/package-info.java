/** A rate-limit service within the test: it says what the test wants to hear. */
@NullMarked
package io.limiter.client.testing;

import org.jspecify.annotations.NullMarked;
