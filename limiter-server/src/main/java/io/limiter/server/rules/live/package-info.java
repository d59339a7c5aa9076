/** Rules that change while they are in force: what is loaded, and the watch over its directory. */
@NullMarked
package io.limiter.server.rules.live;

import org.jspecify.annotations.NullMarked;
