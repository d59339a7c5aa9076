/** The command line's flags, by subject. */
@NullMarked
package io.limiter.jmh.load.flags;

import org.jspecify.annotations.NullMarked;
