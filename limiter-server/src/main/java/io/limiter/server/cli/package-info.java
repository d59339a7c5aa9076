/** The commands: they parse options and the configuration file, call, and print. */
@NullMarked
package io.limiter.server.cli;

import org.jspecify.annotations.NullMarked;
