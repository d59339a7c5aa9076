/** The load generator: {@link io.limiter.jmh.load.Load}. */
@NullMarked
package io.limiter.jmh.load;

import org.jspecify.annotations.NullMarked;
