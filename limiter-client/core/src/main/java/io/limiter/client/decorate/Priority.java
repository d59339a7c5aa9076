package io.limiter.client.decorate;

/** Who goes first of those who wait in one {@link Pacer}. */
public enum Priority {
  /** Work that can wait, such as a batch. */
  LOW(0),
  /** The default. */
  NORMAL(1),
  /** Somebody is looking at the screen. */
  HIGH(2);

  private final int headStarts;

  Priority(int headStarts) {
    this.headStarts = headStarts;
  }

  int headStarts() {
    return headStarts;
  }
}
