package io.limiter.server.faults;

import io.limiter.testing.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;

/** What can become of one Redis, the way to it, and two instances of the service. */
final class OneRedisFaults {
  private static final String GONE = ".*(UNAVAILABLE|CANCELLED).*";
  private static final String LATER = ".*RESOURCE_EXHAUSTED.*";
  private static final int BYTES_PER_SECOND = 20_000;
  private static final int CUTS = 5;

  private final OneRedis redis;
  private final Link link;
  private final Services services;
  private final List<Fault> all = new ArrayList<>();

  private CompletableFuture<Void> loading = CompletableFuture.completedFuture(null);

  OneRedisFaults(OneRedis redis, Services services, Duration pause) {
    this.redis = redis;
    this.link = redis.link();
    this.services = services;
    theWay();
    redisItself(pause);
    failovers();
    instances(pause);
  }

  List<Fault> all() {
    return all;
  }

  private void theWay() {
    all.add(Fault.of("none", () -> {}, () -> {}));
    all.add(
        Fault.of(
                "each way to and from Redis takes 3 to 8 ms",
                () -> link.delay(Duration.ofMillis(3), Duration.ofMillis(8)),
                link::heal)
            .telling(LATER));
    all.add(
        Fault.of(
                "20 kB/s pass to and from Redis", () -> link.throttle(BYTES_PER_SECOND), link::heal)
            .telling(LATER));
    all.add(
        Fault.of(
                "all bytes to and from Redis vanish",
                () -> link.lose(Link.Loss.EVERYTHING),
                link::heal)
            .showing("did not answer"));
    all.add(
        Fault.of("its replies vanish", () -> link.lose(Link.Loss.REPLIES), link::heal)
            .showing("did not answer")
            .seldom());
    all.add(
        Fault.of(
            "connections are reset between script and reply",
            () -> {
              link.cutReplies();
              int before = link.repliesCut();
              Await.until(() -> link.repliesCut() >= before + CUTS);
            },
            link::heal));
  }

  private void redisItself(Duration pause) {
    all.add(
        Fault.of("SCRIPT FLUSH, again and again", this::flush, () -> {}).holding(Duration.ZERO));
    all.add(
        Fault.of("Redis is full (maxmemory)", () -> redis.fill(true), () -> redis.fill(false))
            .showing("is full: OOM"));
    all.add(
        Fault.of("the user's rights are revoked", () -> redis.allow(false), () -> redis.allow(true))
            .showing("denies its user a command or key"));
    all.add(
        Fault.of("Redis is paused", () -> redis.signal("STOP"), () -> redis.signal("CONT"))
            .showing("leaves questions unanswered")
            .holding(pause));
    all.add(
        Fault.of(
                "Redis is restarted and loads its data",
                () -> loading = redis.reload(),
                () -> loading.join())
            .showing("is loading its data")
            .holding(Duration.ZERO));
    all.add(
        Fault.of("Redis is killed and restarted empty", redis::kill, redis::startEmpty)
            .showing("is not connected: ")
            .losing());
  }

  private void failovers() {
    all.add(Fault.of("FAILOVER; the address moves", redis::failOver, redis::endOld));
    all.add(
        Fault.of("a replica is promoted; old connections stay open", redis::move, redis::endOld)
            .losing());
    all.add(
        Fault.of(
            "FAILOVER to a host whose clock is an hour behind",
            () -> {
              link.clock(new ScriptClock(Duration.ofHours(-1)));
              redis.failOver();
            },
            redis::endOld));
    all.add(
        Fault.of(
            "FAILOVER to a host whose clock is an hour ahead",
            () -> {
              link.clock(null);
              redis.failOver();
            },
            redis::endOld));
  }

  private void instances(Duration pause) {
    all.add(
        Fault.of("an instance is killed", () -> services.get(0).kill(), () -> services.restart(0))
            .telling(GONE)
            .seldom());
    all.add(
        Fault.of(
                "an instance is paused",
                () -> services.get(0).signal("STOP"),
                () -> services.get(0).signal("CONT"))
            .holding(pause)
            .hanging(inVain(services.port(0))));
    all.add(
        Fault.of(
                "both instances are restarted in turn",
                () -> {
                  for (int i = 0; i < Services.COUNT; i++) {
                    services.get(i).stop();
                    services.restart(i);
                    services.awaitRedis();
                    services.awaitCallers(i);
                  }
                },
                () -> {})
            .holding(Duration.ZERO)
            .seldom());
    all.add(
        Fault.of(
                "Redis starts after an instance, and empty",
                () -> {
                  redis.kill();
                  services.get(0).kill();
                  services.restart(0);
                },
                redis::startEmpty)
            .showing("each rule's on-redis-failure decides")
            .losing()
            .startingAlone()
            .telling(GONE));
  }

  /**
   * What callers are told of an instance that hangs. When it was silent for half a minute, their
   * client gives up the connection.
   */
  private static String inVain(int port) {
    return ".*(DEADLINE_EXCEEDED: .*remote_addr=[^]]*:%d]].*|UNAVAILABLE: Keepalive failed.*)"
        .formatted(port);
  }

  private void flush() {
    for (int i = 0; i < 20; i++) {
      redis.order("SCRIPT FLUSH");
      LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
    }
  }
}
