package io.limiter.server.faults;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.client.LimiterClient;
import io.limiter.client.OnUnreachable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * How fast decisions are while Redis is paused under half of the load that can be carried. It
 * prints figures, which are the machine's: {@code -Dlimiter.test.soak=1s} has it run.
 */
@EnabledIfSystemProperty(
    named = "limiter.test.soak",
    matches = ".+",
    disabledReason = "runs with -Dlimiter.test.soak=1s")
class PausedRedisIT {
  private static final Duration WARM = Duration.ofSeconds(10);
  private static final Duration TIME = Duration.ofSeconds(4);
  private static final Duration PAUSE = Duration.ofSeconds(5);
  private static final int DEADLINE_MILLIS = 50;

  @TempDir private Path temp;

  @Test
  void whileRedisIsPaused_halfOfTheLoadIsDecidedInTime() throws Exception {
    Path rules = Files.createDirectory(temp.resolve("rules"));
    Files.writeString(rules.resolve("faults.yaml"), Caller.RULES);
    try (OneRedis redis = new OneRedis(temp);
        Services services = new Services(redis.uri(), rules);
        LimiterClient client =
            LimiterClient.to(services.get(0).grpc())
                .deadline(Duration.ofMillis(DEADLINE_MILLIS))
                .onUnreachable(OnUnreachable.CLOSED)
                .build()) {
      services.awaitWhole();
      PausedLoad load = new PausedLoad(client);
      load.fastest(WARM);
      double fastest = load.fastest(TIME);
      load.at(fastest / 2, TIME);
      String before = services.state();

      CompletableFuture<PausedLoad.Heard> half =
          CompletableFuture.supplyAsync(() -> load.at(fastest / 2, PAUSE));
      redis.signal("STOP");
      PausedLoad.Heard heard = half.join();
      String after = services.state();
      load.fastest(TIME);
      double open = load.fastest(TIME);
      redis.signal("CONT");
      services.awaitRedis();
      load.fastest(TIME);
      double again = load.fastest(TIME);

      System.out.printf(
          "Redis paused for %d s, %,.0f questions/s, half of %,.0f: %.3f%% ended within %d ms,"
              + " %.3f%% within %d ms, the longest in %d ms; %s%n"
              + "threads and heap of both instances, before: %s; after: %s%n"
              + "as fast as can be: %,.0f/s and %,.0f/s by Redis, %,.0f/s while it is paused%n",
          PAUSE.toSeconds(),
          fastest / 2,
          fastest,
          heard.within(DEADLINE_MILLIS),
          DEADLINE_MILLIS,
          heard.within(DEADLINE_MILLIS + 5),
          DEADLINE_MILLIS + 5,
          heard.longestMillis(),
          heard.sources(),
          before,
          after,
          fastest,
          again,
          open);
      assertTrue(heard.sources().containsKey("LOCAL_FALLBACK"), heard.sources()::toString);
    }
  }
}
