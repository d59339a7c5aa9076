package io.limiter.client;

import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.limiter.v1.CheckAndConsumeBatchRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.RateLimiterGrpc;
import io.limiter.v1.RuleStatus;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Waits until the service answers a batch without questions, which charges nobody. */
final class Startup {
  private static final long PAUSE_MILLIS = 20;

  private Startup() {}

  /**
   * Waits.
   *
   * @param owned connected anew at once when an attempt has failed; null for a caller's own channel
   * @throws UnreachableException if no answer came, with the reason that the last attempt gave
   */
  static void await(Calls calls, @Nullable ManagedChannel owned, Duration longest) {
    long endNanos = System.nanoTime() + Wire.nanos(longest);
    String reason = "";
    while (true) {
      long leftNanos = Math.max(1, endNanos - System.nanoTime());
      try {
        calls.blocking(probe(Duration.ofNanos(leftNanos)));
        loadClasses();
        return;
      } catch (UnreachableException failure) {
        // The attempt that the time cuts off knows less than those before it.
        if (reason.isEmpty() || failure.code() != Status.Code.DEADLINE_EXCEEDED) {
          reason = String.valueOf(failure.getMessage());
        }
        if (!pauses(endNanos)) {
          throw new UnreachableException(
              failure.code(),
              "the service was not ready within %d ms: %s"
                  .formatted(Wire.nanos(longest) / 1_000_000, reason));
        }
        if (owned != null) {
          owned.resetConnectBackoff();
        }
      }
    }
  }

  /** Whether there is time for another attempt, after a pause. */
  private static boolean pauses(long endNanos) {
    if (endNanos - System.nanoTime() < PAUSE_MILLIS * 1_000_000) {
      return false;
    }
    try {
      Thread.sleep(PAUSE_MILLIS);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static Call<?, ?, Boolean> probe(Duration deadline) {
    return new Call<>(
        RateLimiterGrpc.getCheckAndConsumeBatchMethod(),
        CheckAndConsumeBatchRequest.getDefaultInstance(),
        // This loop asks again, with the connection made anew.
        false,
        deadline,
        response -> true,
        cause -> {
          throw cause;
        });
  }

  /** Reads a response once: the first question's deadline need not pay for the classes. */
  private static void loadClasses() {
    CheckAndConsumeResponse response =
        CheckAndConsumeResponse.newBuilder()
            .setAllowed(true)
            .addStatuses(RuleStatus.newBuilder().setRule("a rule").setAllowed(true))
            .build();
    try {
      Wire.decision(
          CheckAndConsumeResponse.parseFrom(response.toByteArray()), OnUnreachable.CLOSED);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
  }
}
