/** How the first second after a start is. */
@NullMarked
package io.limiter.jmh.cold;

import org.jspecify.annotations.NullMarked;
