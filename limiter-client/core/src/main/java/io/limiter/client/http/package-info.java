/**
 * What an HTTP server tells of a decision: headers and the answer to a request that is denied. It
 * knows no server, so that a servlet filter and a reactive one answer alike.
 */
@NullMarked
package io.limiter.client.http;

import org.jspecify.annotations.NullMarked;
