/** Hot reload: the rules in force, and the watch over their directory. */
@NullMarked
package io.limiter.server.rules.live;

import org.jspecify.annotations.NullMarked;
