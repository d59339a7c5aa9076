/** The commands about who may ask what: they read the file of callers, and ask no service. */
@NullMarked
package io.limiter.server.cli.access;

import org.jspecify.annotations.NullMarked;
