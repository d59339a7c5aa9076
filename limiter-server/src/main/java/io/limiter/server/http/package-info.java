/** The HTTP port: metrics and health. */
@NullMarked
package io.limiter.server.http;

import org.jspecify.annotations.NullMarked;
