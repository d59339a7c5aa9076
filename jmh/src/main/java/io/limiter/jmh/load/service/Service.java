package io.limiter.jmh.load.service;

import io.limiter.jmh.BenchedRedis;
import io.limiter.jmh.RedisInfo;
import io.limiter.jmh.load.traffic.RuleDomain;
import io.limiter.jmh.load.traffic.RuleSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** The service that is asked: one that runs already, or one of its own with its own Redis. */
public final class Service implements AutoCloseable {
  private final String target;
  private final Optional<BenchedRedis> redis;
  private final Optional<ServiceProcess> process;

  private Service(String target, Optional<BenchedRedis> redis, Optional<ServiceProcess> process) {
    this.target = target;
    this.redis = redis;
    this.process = process;
  }

  /**
   * Starts it if need be.
   *
   * @param domains that are asked about
   */
  public static Service of(ServiceFlags.ServiceKey key, Set<RuleDomain> domains)
      throws IOException {
    if (!key.target().isEmpty()) {
      Optional<BenchedRedis> redis =
          key.redis().isEmpty() ? Optional.empty() : Optional.of(BenchedRedis.kept(key.redis()));
      return new Service(key.target(), redis, Optional.empty());
    }
    if (!Files.exists(key.serverJar())) {
      throw new IOException(
          "there is no %s; build it with mvn -DskipTests package, name it with --server-jar, or name a service with --target"
              .formatted(key.serverJar()));
    }
    BenchedRedis redis =
        key.redis().isEmpty() ? BenchedRedis.at("") : BenchedRedis.kept(key.redis());
    try {
      Path rules = Files.createTempDirectory("limiter-load-rules");
      RuleSet.write(rules, domains);
      ServiceProcess process = ServiceProcess.start(key, rules, redis.uri());
      return new Service(process.target(), Optional.of(redis), Optional.of(process));
    } catch (IOException | RuntimeException failed) {
      redis.close();
      throw failed;
    }
  }

  /** Where it answers gRPC, as host:port. */
  public String target() {
    return target;
  }

  /** What it and its Redis have used so far. */
  public Usage usage() {
    return Usage.of(
        redis.map(BenchedRedis::info),
        process.map(ServiceProcess::cpuMicros).orElse(OptionalDouble.empty()));
  }

  /**
   * What Redis has charged to the first rule of a domain of fixed windows; empty if no Redis is
   * known. Waits until no more comes.
   */
  public OptionalLong charges(String domain) throws InterruptedException {
    if (redis.isEmpty()) {
      return OptionalLong.empty();
    }
    String keys = "limiter:{" + domain + "|*}:rule-1:*";
    long before = -1;
    long now = redis.get().windowCounts(keys);
    while (now != before) {
      TimeUnit.MILLISECONDS.sleep(200);
      before = now;
      now = redis.get().windowCounts(keys);
    }
    return OptionalLong.of(now);
  }

  /** Where its Redis is, if that is known. */
  public Optional<String> redisUri() {
    return redis.map(BenchedRedis::uri);
  }

  Optional<RedisInfo> redis() {
    return redis.map(BenchedRedis::info);
  }

  @Override
  public void close() {
    process.ifPresent(ServiceProcess::close);
    redis.ifPresent(BenchedRedis::close);
  }
}
