@NullMarked
package io.limiter.algorithm;

import org.jspecify.annotations.NullMarked;
