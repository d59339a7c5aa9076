/** Who is at the other end of a connection of gRPC: TLS, certificates, users of this host. */
@NullMarked
package io.limiter.server.grpc.peer;

import org.jspecify.annotations.NullMarked;
