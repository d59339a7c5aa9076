/**
 * The wiring: everything that serves, started and stopped in order, with its settings. Knows no
 * command line.
 */
@NullMarked
package io.limiter.server.program;

import org.jspecify.annotations.NullMarked;
