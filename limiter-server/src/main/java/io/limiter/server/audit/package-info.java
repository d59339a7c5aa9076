/**
 * What is written of who changed what: one JSON object a line, by a thread of its own. Knows no
 * transport, and decides nothing.
 */
@NullMarked
package io.limiter.server.audit;

import org.jspecify.annotations.NullMarked;
