/** Limits for calls of gRPC: before a server answers them, and before a client makes them. */
@NullMarked
package io.limiter.client.grpc;

import org.jspecify.annotations.NullMarked;
