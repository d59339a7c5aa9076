/** Puts limits before the methods of beans. */
@NullMarked
package io.limiter.client.spring.method;

import org.jspecify.annotations.NullMarked;
