/** What files of rules are compiled to: domains of rules and of descriptors, ready for matching. */
@NullMarked
package io.limiter.server.rules.table;

import org.jspecify.annotations.NullMarked;
