/** How much one event loop has to do, and what it does about more than it can. */
@NullMarked
package io.limiter.server.grpc.load;

import org.jspecify.annotations.NullMarked;
