package io.limiter.jmh;

import io.lettuce.core.api.StatefulRedisConnection;
import java.util.Map;
import java.util.stream.Collectors;

/** What a Redis says of itself. */
public final class RedisInfo {
  private final StatefulRedisConnection<String, String> connection;

  RedisInfo(StatefulRedisConnection<String, String> connection) {
    this.connection = connection;
  }

  /**
   * Processor time so far, in microseconds: of the main thread where Redis says so (from 6.2 on),
   * else of the whole process.
   */
  public double cpuMicros() {
    Map<String, String> info = section("cpu");
    String thread = info.containsKey("used_cpu_user_main_thread") ? "_main_thread" : "";
    return 1e6
        * (Double.parseDouble(info.getOrDefault("used_cpu_user" + thread, "0"))
            + Double.parseDouble(info.getOrDefault("used_cpu_sys" + thread, "0")));
  }

  /**
   * How many commands it has run, by clients and by scripts; those that only ask for this left out.
   *
   * @param prefix of their names, in lower case
   */
  public long calls(String prefix) {
    return section("commandstats").entrySet().stream()
        .filter(entry -> entry.getKey().startsWith("cmdstat_" + prefix))
        .filter(entry -> !entry.getKey().equals("cmdstat_info"))
        .mapToLong(entry -> Long.parseLong(entry.getValue().replaceFirst("^calls=(\\d+),.*", "$1")))
        .sum();
  }

  /** Its version. */
  public String version() {
    return section("server").getOrDefault("redis_version", "of unknown version");
  }

  private Map<String, String> section(String name) {
    return connection
        .sync()
        .info(name)
        .lines()
        .map(line -> line.split(":", 2))
        .filter(pair -> pair.length == 2)
        .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1].strip()));
  }
}
