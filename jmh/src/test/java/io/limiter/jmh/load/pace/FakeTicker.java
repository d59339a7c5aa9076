package io.limiter.jmh.load.pace;

/** Time passes when somebody sleeps or a test says so. */
final class FakeTicker implements Ticker {
  private long now = 1_000_000_007;

  @Override
  public long nanoTime() {
    return now;
  }

  @Override
  public void sleep(long nanos) {
    now += nanos;
  }
}
