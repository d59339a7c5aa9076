package io.limiter.server.rules.live;

import org.jspecify.annotations.Nullable;

/**
 * Debounces the changes of a folder: says to read it only when two polls in a row saw the same new
 * listing. It is told what each poll saw, and reads nothing itself.
 *
 * <p>Not safe to share between threads.
 */
final class Debounce {
  /** After so many polls in a row that each saw another change, it complains. */
  static final int RESTLESS = 100;

  /** What a poll calls for. */
  enum Call {
    /** Nothing is new. */
    UNCHANGED,
    /** Something has changed since the poll before: poll again soon. */
    POLL_AGAIN,
    /** As {@link #POLL_AGAIN}, for {@link #RESTLESS} polls in a row. */
    COMPLAIN,
    /** It is new and stable: read it. */
    READ
  }

  private @Nullable Listing done;
  private @Nullable Listing last;
  private int changes;

  /** What to do after a poll that saw {@code now}. */
  Call seen(Listing now) {
    if (now.equals(done)) {
      last = null;
      changes = 0;
      return Call.UNCHANGED;
    }
    if (now.equals(last)) {
      changes = 0;
      return Call.READ;
    }
    last = now;
    if (++changes % RESTLESS != 0) {
      return Call.POLL_AGAIN;
    }
    done = null;
    return Call.COMPLAIN;
  }

  /**
   * Whether what was read is of one moment: the listing after reading equals the one before. If
   * not, it must not be used.
   */
  boolean isStable(Listing after) {
    if (after.equals(last)) {
      return true;
    }
    last = after;
    return false;
  }

  /** What was read need not be read again until it changes. */
  void done() {
    done = last;
    last = null;
  }

  /** Not all of it could be read: the next polls read again, also what was there before. */
  void retry() {
    done = null;
  }
}
