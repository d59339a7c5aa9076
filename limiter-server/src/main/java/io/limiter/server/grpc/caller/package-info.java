/** Who makes a call of gRPC: told before anything of it is read. */
@NullMarked
package io.limiter.server.grpc.caller;

import org.jspecify.annotations.NullMarked;
