/**
 * Rules: the files they are written in, the table they are compiled to, and what matches a request.
 */
@NullMarked
package io.limiter.server.rules;

import org.jspecify.annotations.NullMarked;
