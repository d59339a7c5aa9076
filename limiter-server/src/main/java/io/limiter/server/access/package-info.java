/**
 * Who calls, and what they may ask: the callers that an operator knows, what each may do in which
 * domains, and how a caller is told by what it shows. Knows no transport and no file.
 */
@NullMarked
package io.limiter.server.access;

import org.jspecify.annotations.NullMarked;
