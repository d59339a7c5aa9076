/** What every command has: where it writes, and what its version is. */
@NullMarked
package io.limiter.server.cli.console;

import org.jspecify.annotations.NullMarked;
