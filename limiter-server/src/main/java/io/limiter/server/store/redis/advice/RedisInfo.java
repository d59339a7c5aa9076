package io.limiter.server.store.redis.advice;

import io.limiter.server.store.redis.advice.Advice.About;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Judges a Redis by its reply to INFO. That needs no right to CONFIG, which managed Redis deny.
 *
 * <p>Not judged is what depends on the host or the use: persistence, replicas, threads.
 */
public final class RedisInfo {
  /** The oldest version that the service is tried with. */
  private static final String OLDEST = "6.2";

  /** Redis may remove expired keys for a quarter of its period: at this, for 2.5 ms. */
  static final long GOOD_HZ = 100;

  /** To be said when it refuses INFO. */
  public static final Advice UNSEEN =
      new Advice(
          About.UNSEEN,
          "it refuses INFO, so its version, maxmemory-policy and hz are not checked; grant its user"
              + " +info");

  private final Map<String, String> fields = new HashMap<>();
  private final TreeSet<String> missing = new TreeSet<>();
  private final List<Advice> found = new ArrayList<>();

  private RedisInfo(String info) {
    info.lines()
        .forEach(
            line -> {
              int colon = line.indexOf(':');
              if (colon > 0) {
                fields.put(line.substring(0, colon), line.substring(colon + 1).strip());
              }
            });
  }

  /**
   * What should be set otherwise.
   *
   * @param info what INFO replied
   * @param asCluster whether the service speaks to it as to a node of a Cluster
   */
  public static List<Advice> judge(String info, boolean asCluster) {
    return new RedisInfo(info).judge(asCluster);
  }

  private List<Advice> judge(boolean asCluster) {
    version(field("redis_version"));
    policy(field("maxmemory_policy"), number("maxmemory"));
    hz(number("hz"));
    if (fields.getOrDefault("role", "").equals("slave")) {
      advise(
          About.ROLE,
          "it is a replica that takes writes, which its primary takes away again; name the primary"
              + " in --redis");
    }
    if (!asCluster && fields.getOrDefault("cluster_enabled", "").equals("1")) {
      advise(
          About.CLUSTER,
          "it is a node of a Cluster, which refuses the keys of other nodes (MOVED); write"
              + " redis-cluster:// in --redis");
    }
    if (!missing.isEmpty()) {
      advise(
          About.UNSEEN,
          "its INFO does not tell %s, which is not checked; see to it by hand"
              .formatted(String.join(", ", missing)));
    }
    return List.copyOf(found);
  }

  private void advise(About about, String text) {
    found.add(new Advice(about, text));
  }

  private String field(String name) {
    String value = fields.getOrDefault(name, "");
    if (value.isEmpty()) {
      missing.add(name);
    }
    return value;
  }

  /** -1 for a field that is missing. */
  private long number(String name) {
    String value = field(name);
    if (value.matches("[0-9]{1,18}")) {
      return Long.parseLong(value);
    }
    missing.add(name);
    return -1;
  }

  /** Valkey tells as this the Redis that it is compatible with. */
  private void version(String version) {
    if (version.matches("[0-9]{1,9}\\.[0-9]{1,9}.*") && isBefore(version, OLDEST)) {
      advise(
          About.VERSION,
          "its version is %s; use %s or later, or Valkey".formatted(version, OLDEST));
    }
  }

  private static boolean isBefore(String version, String other) {
    String[] one = version.split("\\D", 3);
    String[] two = other.split("\\D", 3);
    int major = Integer.compare(Integer.parseInt(one[0]), Integer.parseInt(two[0]));
    return major < 0 || (major == 0 && Integer.parseInt(one[1]) < Integer.parseInt(two[1]));
  }

  private void policy(String policy, long maxmemory) {
    if (!policy.isEmpty() && !policy.equals("noeviction")) {
      advise(
          About.MAXMEMORY_POLICY,
          "maxmemory-policy is %s, by which a full Redis drops counters, and their limits start afresh;"
                  .formatted(policy)
              + " set noeviction");
    }
    if (maxmemory == 0) {
      advise(
          About.MAXMEMORY,
          "maxmemory is 0, so it may grow until its host ends it with all counters; set what the host"
              + " can spare");
    }
  }

  private void hz(long hz) {
    if (hz >= 0 && hz < GOOD_HZ) {
      advise(
          About.HZ,
          "hz is %d, so the removal of expired keys may stop it for %d ms at a time; set %d"
              .formatted(hz, 250 / Math.max(1, hz), GOOD_HZ));
    }
  }
}
