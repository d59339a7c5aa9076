package io.limiter.server.store.redis.advice;

import java.util.Locale;

/**
 * What should be set otherwise in a Redis.
 *
 * @param text what is wrong, what follows from it and what to set; without saying which Redis
 */
public record Advice(About about, String text) {

  /** What an advice is about. */
  public enum About {
    /** Its version. */
    VERSION(true),
    /** Whether it forgets counters when it is full. */
    MAXMEMORY_POLICY(true),
    /** Whether it is full at some time, before its host is. */
    MAXMEMORY(false),
    /** How long the removal of expired keys may stop it. */
    HZ(false),
    /** Whether it is a replica that takes writes. */
    ROLE(true),
    /** Whether it is a node of a Cluster. */
    CLUSTER(true),
    /** What could not be looked at. */
    UNSEEN(true);

    private final boolean breaksLimits;

    About(boolean breaksLimits) {
      this.breaksLimits = breaksLimits;
    }

    /** Whether limits may fail for it, or may be unknown to; otherwise it is for the better. */
    public boolean breaksLimits() {
      return breaksLimits;
    }

    /** As metrics name it. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
