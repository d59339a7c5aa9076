/** What every room needs when something fails: the real cause, and a log that no flood drowns. */
@NullMarked
package io.limiter.server.fault;

import org.jspecify.annotations.NullMarked;
