/**
 * Finds which of many conditions a request meets, whatever their number. Knows no other rules
 * package.
 */
@NullMarked
package io.limiter.server.rules.index;

import org.jspecify.annotations.NullMarked;
