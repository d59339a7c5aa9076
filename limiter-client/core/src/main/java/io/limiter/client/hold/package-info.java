/**
 * Calls that hold room while they run: {@link io.limiter.client.hold.Permit} for limits of what
 * happens at once, {@link io.limiter.client.hold.Reservation} for costs that are known afterwards.
 */
@NullMarked
package io.limiter.client.hold;

import org.jspecify.annotations.NullMarked;
