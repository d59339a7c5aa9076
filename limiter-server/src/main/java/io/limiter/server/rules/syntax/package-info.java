/** The single values of rules files, and the parts of which their JSON Schema is made. */
@NullMarked
package io.limiter.server.rules.syntax;

import org.jspecify.annotations.NullMarked;
