/**
 * Answers gateways that ask about each request before they pass it on: forward-auth, for whichever
 * transport carries it.
 */
@NullMarked
package io.limiter.server.gateway;

import org.jspecify.annotations.NullMarked;
