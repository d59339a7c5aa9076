package io.limiter.client.sending;

/**
 * One connection to an instance of the service, from when it is up to its end, as far as choosing
 * among them goes. Thread-safe.
 */
final class Instance {
  private final Instances all;
  private final Object address;

  // Written under the lock of all.
  private volatile boolean draining;
  private volatile boolean over;

  /**
   * A connection that is up.
   *
   * @param address equal for all connections to one address
   */
  Instance(Instances all, Object address) {
    this.all = all;
    this.address = address;
  }

  boolean isAtTheAddressOf(Instance other) {
    return address.equals(other.address);
  }

  /**
   * Whether it has said that it takes no more, as before a shutdown. It may answer all the same.
   */
  boolean draining() {
    return draining;
  }

  /** Whether no more should be asked here: it drains or ends, and another one serves. */
  boolean shouldBeLeft() {
    return (draining || over) && all.serving() > 0;
  }

  void draining(boolean draining) {
    synchronized (all) {
      all.count(this, -1);
      this.draining = draining;
      all.count(this, 1);
    }
  }

  /** Calls under way may still be answered. */
  void end() {
    synchronized (all) {
      all.count(this, -1);
      over = true;
    }
  }

  boolean over() {
    return over;
  }
}
