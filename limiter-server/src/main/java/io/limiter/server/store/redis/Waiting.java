package io.limiter.server.store.redis;

import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.Receipt;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A question that waits for its answer.
 *
 * @param receipt the name for its receipt, if it wants one
 * @param deadlineNanos when it stops waiting, by {@link System#nanoTime}
 */
record Waiting(
    Charge charge,
    @Nullable Receipt receipt,
    long deadlineNanos,
    CompletableFuture<Answer> answer) {}
