@NullMarked
package io.limiter.share;

import org.jspecify.annotations.NullMarked;
