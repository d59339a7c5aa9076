package io.limiter.server.rules.live;

import org.jspecify.annotations.Nullable;

/**
 * Tells apart what was dealt with, what is still changing, and what is new and stands still. It is
 * told what each look showed, and reads nothing itself.
 *
 * <p>Not safe to share between threads.
 */
final class Settling {
  /** So many looks in a row at which something had changed again are too many to stay silent. */
  static final int RESTLESS = 100;

  /** What a look calls for. */
  enum Call {
    /** Nothing is new. */
    REST,
    /** Something has changed since the look before: to look again soon. */
    LOOK_AGAIN,
    /** As {@link #LOOK_AGAIN}, and it has been so for {@link #RESTLESS} looks. */
    COMPLAIN,
    /** It is new and it stands still: to be read. */
    READ
  }

  private @Nullable Listing done;
  private @Nullable Listing last;
  private int changes;

  /** What to do after a look that showed {@code now}. */
  Call seen(Listing now) {
    if (now.equals(done)) {
      last = null;
      changes = 0;
      return Call.REST;
    }
    if (now.equals(last)) {
      changes = 0;
      return Call.READ;
    }
    last = now;
    if (++changes % RESTLESS != 0) {
      return Call.LOOK_AGAIN;
    }
    done = null;
    return Call.COMPLAIN;
  }

  /**
   * Whether what was read is of one moment: a look after reading shows what the one before did. If
   * not, it is not to be used.
   */
  boolean stoodStill(Listing after) {
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

  /**
   * Not all of it could be read: it is to be read at each look, and so is what was there before,
   * should it come back.
   */
  void undone() {
    done = null;
  }
}
