package io.limiter.jmh;

/**
 * A limiter of whatever make, connected to a Redis, its limits set. Asked by many threads at once.
 */
interface PeerLimiter extends AutoCloseable {
  /**
   * Charges one to a counter, and waits for the answer.
   *
   * @param key which of the keys that the limiter was connected for
   * @return whether it was admitted
   */
  boolean admits(int key);

  @Override
  void close();
}
