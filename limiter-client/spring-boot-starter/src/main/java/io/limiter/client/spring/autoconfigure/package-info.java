/** Configures an application. */
@NullMarked
package io.limiter.client.spring.autoconfigure;

import org.jspecify.annotations.NullMarked;
