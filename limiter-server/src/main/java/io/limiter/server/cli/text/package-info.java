/** What the commands print for people. Knows no options and asks nobody. */
@NullMarked
package io.limiter.server.cli.text;

import org.jspecify.annotations.NullMarked;
