/** The gRPC transport: translates and calls, nothing else. */
@NullMarked
package io.limiter.server.grpc;

import org.jspecify.annotations.NullMarked;
