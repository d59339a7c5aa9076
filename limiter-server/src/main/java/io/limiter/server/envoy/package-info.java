/** Envoy's rate-limit protocol for whichever transport carries it: translates and calls. */
@NullMarked
package io.limiter.server.envoy;

import org.jspecify.annotations.NullMarked;
