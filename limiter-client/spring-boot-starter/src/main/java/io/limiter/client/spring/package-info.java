/** Limits calls of Spring beans, and requests to them. */
@NullMarked
package io.limiter.client.spring;

import org.jspecify.annotations.NullMarked;
