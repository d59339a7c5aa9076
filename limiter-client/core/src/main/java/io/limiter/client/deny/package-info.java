/** Denials that the client repeats by itself. Not for programs. */
@NullMarked
package io.limiter.client.deny;

import org.jspecify.annotations.NullMarked;
