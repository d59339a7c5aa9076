/** Limits HTTP requests to servlets. */
@NullMarked
package io.limiter.client.servlet;

import org.jspecify.annotations.NullMarked;
