/** Rules compiled for matching: domains of rules, domains of descriptors, and the table of all. */
@NullMarked
package io.limiter.server.rules.table;

import org.jspecify.annotations.NullMarked;
