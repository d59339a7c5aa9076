package io.limiter.server.fair;

/** Who asks for something. Safe to use from any thread. */
public interface Caller {
  /** Nobody in particular, who stays. */
  Caller NOBODY =
      new Caller() {
        @Override
        public int number() {
          return 0;
        }

        @Override
        public boolean isGone() {
          return false;
        }

        @Override
        public boolean isBulk() {
          return false;
        }
      };

  /** What tells callers apart who are to have equal shares, such as the number of a connection. */
  int number();

  /** Whether they wait for it no more, so that it need not be done. */
  boolean isGone();

  /** Whether they ask so much at a time that nobody else should wait until all of it is asked. */
  boolean isBulk();
}
