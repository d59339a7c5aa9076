/** Reads the file that says who may ask what, and watches it. */
@NullMarked
package io.limiter.server.access.file;

import org.jspecify.annotations.NullMarked;
