/** The model of rules: domains, what matches a request in them, and why. */
@NullMarked
package io.limiter.server.rules;

import org.jspecify.annotations.NullMarked;
