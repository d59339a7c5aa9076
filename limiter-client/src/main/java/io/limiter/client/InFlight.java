package io.limiter.client;

import io.grpc.Status;
import java.util.concurrent.Semaphore;

/**
 * Bounds the calls and streamed questions that wait for an answer. So a slow service cannot fill
 * the caller's memory. Thread-safe. Every {@link #enter} that returns is paired with one {@link
 * #leave}.
 */
final class InFlight {
  private final int bound;
  private final Semaphore places;
  private volatile boolean closed;

  InFlight(int bound) {
    this.bound = bound;
    this.places = new Semaphore(bound);
  }

  int bound() {
    return bound;
  }

  /**
   * Takes a place. Does not wait for one.
   *
   * @throws UnreachableException when none is free
   * @throws IllegalStateException after {@link #close}
   */
  void enter() {
    if (places.tryAcquire()) {
      if (!closed) {
        return;
      }
      places.release();
    }
    if (closed) {
      throw new IllegalStateException("the client is closed; build another one to ask again");
    }
    throw new UnreachableException(
        Status.Code.RESOURCE_EXHAUSTED,
        "not asked: %s questions are in flight, the bound; raise maxInFlight or ask less at once"
            .formatted(bound));
  }

  void leave() {
    places.release();
  }

  /**
   * Gives out no more places, and waits until all have left. Each leaves at its deadline at the
   * latest.
   */
  void close() throws InterruptedException {
    closed = true;
    places.acquire(bound);
  }
}
