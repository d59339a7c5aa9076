/** The readers of lists of prices, and their part of the JSON Schema. */
@NullMarked
package io.limiter.server.rules.price;

import org.jspecify.annotations.NullMarked;
