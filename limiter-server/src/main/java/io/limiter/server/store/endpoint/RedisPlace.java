package io.limiter.server.store.endpoint;

import java.nio.file.Path;
import java.util.List;

/** Where counters are: in one Redis, and how that is found, or in several. */
public sealed interface RedisPlace {
  /** One Redis at an address that stays; behind a name another may be meant from time to time. */
  record Standalone(HostPort at) implements RedisPlace {}

  /**
   * One Redis, the primary that Sentinels agree on.
   *
   * @param sentinels one or more, asked in this order
   * @param primary the name that they know it by
   * @param credentials how to log in to the Sentinels
   */
  record Sentinels(List<HostPort> sentinels, String primary, Credentials credentials)
      implements RedisPlace {
    public Sentinels {
      sentinels = List.copyOf(sentinels);
    }
  }

  /**
   * Several, each of which holds the keys of some slots.
   *
   * @param seeds one or more of them, which name the others
   */
  record Cluster(List<HostPort> seeds) implements RedisPlace {
    public Cluster {
      seeds = List.copyOf(seeds);
    }
  }

  /** One of the Redis of a Cluster. */
  record Member(HostPort at) implements RedisPlace {}

  /**
   * One Redis on this host.
   *
   * @param path of its Unix socket, absolute
   */
  record Socket(Path path) implements RedisPlace {}
}
