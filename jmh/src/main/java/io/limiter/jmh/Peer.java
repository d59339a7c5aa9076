package io.limiter.jmh;

import io.github.bucket4j.distributed.proxy.optimization.Optimization;
import io.github.bucket4j.distributed.proxy.optimization.Optimizations;
import java.time.Duration;
import java.util.List;

/** The limiters that are measured beside each other. All keep the same limit in the same Redis. */
public enum Peer {
  /** Our own store. */
  LIMITER {
    @Override
    PeerLimiter connect(String redis, List<String> keys) {
      return new StorePeer(redis, keys);
    }
  },
  /** The script of the tutorials, one call a decision. */
  ONE_SCRIPT {
    @Override
    PeerLimiter connect(String redis, List<String> keys) {
      return new ScriptPeer(redis, keys);
    }
  },
  /** bucket4j as it comes. */
  BUCKET4J {
    @Override
    PeerLimiter connect(String redis, List<String> keys) {
      return new Bucket4jPeer(redis, keys, Optimization.NONE_OPTIMIZED);
    }
  },
  /** bucket4j with questions about one bucket put together within the process. */
  BUCKET4J_BATCHING {
    @Override
    PeerLimiter connect(String redis, List<String> keys) {
      return new Bucket4jPeer(redis, keys, Optimizations.batching());
    }
  },
  /** Redisson's RRateLimiter. */
  REDISSON {
    @Override
    PeerLimiter connect(String redis, List<String> keys) {
      return new RedissonPeer(redis, keys);
    }
  };

  /** What each key may take in a {@link #PERIOD}, and at once: more than any peer gets through. */
  static final long RATE = 1_000_000;

  static final Duration PERIOD = Duration.ofSeconds(1);

  /**
   * Connects, and sets the limit of every key.
   *
   * @param redis its URI
   * @param keys the names of the counters
   */
  abstract PeerLimiter connect(String redis, List<String> keys);
}
