/**
 * Which headers tell a client where it stands, and in which form: chosen for Envoy by options, for
 * other gateways by their profiles.
 */
@NullMarked
package io.limiter.server.header;

import org.jspecify.annotations.NullMarked;
