/** Limits requests to Spring MVC and WebFlux. */
@NullMarked
package io.limiter.client.spring.web;

import org.jspecify.annotations.NullMarked;
