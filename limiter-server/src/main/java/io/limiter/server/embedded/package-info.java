/** The Redis that the program starts for itself when it is given none. */
@NullMarked
package io.limiter.server.embedded;

import org.jspecify.annotations.NullMarked;
