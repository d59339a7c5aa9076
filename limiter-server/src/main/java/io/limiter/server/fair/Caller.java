package io.limiter.server.fair;

/** Who asks for something. Safe to use from any thread. */
public interface Caller {
  /** Callers with names have such numbers or greater ones; connections have less. */
  int NAMED = 1 << 30;

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

  /**
   * What tells callers apart who are to have equal shares: the number of a connection, below {@link
   * #NAMED}, or that of a caller with a name, whatever the connection.
   */
  int number();

  /** Whether they wait for it no more, so that it need not be done. */
  boolean isGone();

  /** Whether they ask so much at a time that nobody else should wait until all of it is asked. */
  boolean isBulk();
}
