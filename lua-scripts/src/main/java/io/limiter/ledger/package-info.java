/**
 * What a counter is to a question, beside its limit: its role, what it answers while Redis is away,
 * whether it may be charged ahead. {@link io.limiter.ledger.Ledger} says who is charged.
 */
@NullMarked
package io.limiter.ledger;

import org.jspecify.annotations.NullMarked;
