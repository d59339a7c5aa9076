/** What is answered while the shared counters cannot be asked. */
@NullMarked
package io.limiter.server.store.fallback;

import org.jspecify.annotations.NullMarked;
