/** What is measured, and under which names. */
@NullMarked
package io.limiter.server.metrics;

import org.jspecify.annotations.NullMarked;
