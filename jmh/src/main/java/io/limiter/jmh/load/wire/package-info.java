/** How a question goes over a connection, and what its answer counts as. */
@NullMarked
package io.limiter.jmh.load.wire;

import org.jspecify.annotations.NullMarked;
