/**
 * How calls are sent: to which instance, how many at a time, and how often again. Knows no question
 * and no answer. Not for programs: it may change with any version.
 */
@NullMarked
package io.limiter.client.sending;

import org.jspecify.annotations.NullMarked;
