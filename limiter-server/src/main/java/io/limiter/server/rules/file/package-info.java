/** Reads rules files, reports every problem at once, and makes their JSON Schema. */
@NullMarked
package io.limiter.server.rules.file;

import org.jspecify.annotations.NullMarked;
