/** Envoy's rate-limit protocol: translates and calls, nothing else. */
@NullMarked
package io.limiter.server.envoy;

import org.jspecify.annotations.NullMarked;
