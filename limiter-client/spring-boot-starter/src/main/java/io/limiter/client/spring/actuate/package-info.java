/** Health and meters. */
@NullMarked
package io.limiter.client.spring.actuate;

import org.jspecify.annotations.NullMarked;
