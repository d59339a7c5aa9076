package io.limiter.client.sending;

import java.util.concurrent.Semaphore;

/**
 * Bounds the calls and streamed questions that wait for an answer. So a slow service cannot fill
 * the caller's memory. Thread-safe. Every {@link #enter} that returns is paired with one {@link
 * #leave}.
 */
public final class InFlight {
  private final int bound;
  private final Semaphore places;
  private volatile boolean closed;

  /** Nothing is in flight yet. */
  public InFlight(int bound) {
    this.bound = bound;
    this.places = new Semaphore(bound);
  }

  public int bound() {
    return bound;
  }

  /**
   * Takes a place. Does not wait for one.
   *
   * @return false when none is free
   * @throws IllegalStateException after {@link #close}
   */
  public boolean enter() {
    if (places.tryAcquire()) {
      if (!closed) {
        return true;
      }
      places.release();
    }
    if (closed) {
      throw new IllegalStateException("the client is closed; build another one to ask again");
    }
    return false;
  }

  /** Gives a place back. */
  public void leave() {
    places.release();
  }

  /**
   * Gives out no more places, and waits until all have left. Each leaves at its deadline at the
   * latest.
   */
  public void close() throws InterruptedException {
    closed = true;
    places.acquire(bound);
  }
}
