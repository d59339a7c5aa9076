package io.limiter.jmh.load;

import org.jspecify.annotations.Nullable;

/** What the questions of one call came to. */
final class Score {
  int admitted;
  int denied;
  int failed;
  @Nullable String why;

  void clear() {
    admitted = 0;
    denied = 0;
    failed = 0;
    why = null;
  }

  void decided(boolean allowed) {
    if (allowed) {
      admitted++;
    } else {
      denied++;
    }
  }

  void failed(int questions, String why) {
    failed += questions;
    this.why = why;
  }

  int decisions() {
    return admitted + denied;
  }
}
