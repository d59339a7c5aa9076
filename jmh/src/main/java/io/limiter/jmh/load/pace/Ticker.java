package io.limiter.jmh.load.pace;

import java.util.concurrent.locks.LockSupport;

/** The time that an open loop goes by. */
public interface Ticker {
  Ticker SYSTEM =
      new Ticker() {
        @Override
        public long nanoTime() {
          return System.nanoTime();
        }

        @Override
        public void sleep(long nanos) {
          LockSupport.parkNanos(nanos);
        }
      };

  long nanoTime();

  /** Sleeps about so long; may return sooner. */
  void sleep(long nanos);
}
