package io.limiter.jmh.load.pace;

import org.jspecify.annotations.Nullable;

/** What the questions of one call came to. */
public final class Score {
  private int admitted;
  private int denied;
  private int failed;
  private @Nullable String why;

  public void clear() {
    admitted = 0;
    denied = 0;
    failed = 0;
    why = null;
  }

  public void decided(boolean allowed) {
    if (allowed) {
      admitted++;
    } else {
      denied++;
    }
  }

  public void failed(int questions, String why) {
    failed += questions;
    this.why = why;
  }

  public int admitted() {
    return admitted;
  }

  public int denied() {
    return denied;
  }

  public int failed() {
    return failed;
  }

  /** Why the last of them failed; null if none did. */
  public @Nullable String why() {
    return why;
  }

  public int decisions() {
    return admitted + denied;
  }
}
