/** Reads files of rules, says everything that is wrong with them, and the schema of the files. */
@NullMarked
package io.limiter.server.rules.file;

import org.jspecify.annotations.NullMarked;
