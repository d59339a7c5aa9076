package io.limiter.server.rules;

import java.util.Locale;

/** What kind of a limit denies, as callers are told. */
public enum DenialKind {
  /** There will be room again soon. */
  RATE,
  /** What a day or longer has room for is used up. */
  QUOTA,
  /** As much as may be is held at the same time. */
  CONCURRENCY,
  /** What the request costs is more than the limit ever has room for. */
  NEVER;

  /** How files and answers call it. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
