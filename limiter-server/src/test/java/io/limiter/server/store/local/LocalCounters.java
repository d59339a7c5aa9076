package io.limiter.server.store.local;

/** Local stores for the tests of what asks them. */
public final class LocalCounters {
  private LocalCounters() {}

  /** A store that lives by this host's clock. */
  public static LocalCounterStore now() {
    return new LocalCounterStore(() -> System.currentTimeMillis() * 1_000);
  }
}
