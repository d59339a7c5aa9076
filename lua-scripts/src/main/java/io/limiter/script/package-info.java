/** The Lua scripts as they are sent to Redis, and the layout of what goes in and comes out. */
@NullMarked
package io.limiter.script;

import org.jspecify.annotations.NullMarked;
