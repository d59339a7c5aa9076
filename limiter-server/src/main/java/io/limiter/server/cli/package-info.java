/** The program: commands, configuration and the wiring. */
@NullMarked
package io.limiter.server.cli;

import org.jspecify.annotations.NullMarked;
