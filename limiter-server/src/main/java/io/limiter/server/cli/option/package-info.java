/** What the values of options may be, and what is said of one that is not. */
@NullMarked
package io.limiter.server.cli.option;

import org.jspecify.annotations.NullMarked;
