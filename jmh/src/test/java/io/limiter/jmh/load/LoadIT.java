package io.limiter.jmh.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.limiter.algorithm.Algorithm;
import io.limiter.jmh.load.service.Service;
import io.limiter.jmh.load.traffic.Kind;
import io.limiter.jmh.load.traffic.RuleSet;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against the program and a Redis, for moments: that decisions are counted, not how many. */
class LoadIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private static final String SERVER = "../limiter-server/target/limiter-server.jar";

  private static Service service;

  @TempDir private Path directory;

  @BeforeAll
  static void start() throws IOException {
    service =
        Service.of(
            LoadFlags.parse(
                    "--server-jar=" + SERVER,
                    "--redis=" + System.getProperty("limiter.test.redis", ""),
                    // No error because the machine is busy.
                    "--serve-args=--decision-deadline 1m --warm-up 1s")
                .serviceKey(),
            RuleSet.withoutLeases());
  }

  @AfterAll
  static void end() {
    service.close();
  }

  @ParameterizedTest
  @EnumSource
  void eachKind_isDecidedWithoutErrors(Kind kind) throws IOException {
    double before = scripts();
    JsonObject round = round("--kind", kind.toString(), "--batch", "10");

    long decisions = round.get("decisions").getAsLong();
    assertTrue(decisions > 0);
    assertEquals(0, round.get("errors").getAsLong(), round::toString);
    assertEquals(0, round.get("deniedShare").getAsDouble());
    double asked = scripts() - before;
    // Every second the service notes in Redis that it is there. A batch has some 64 questions.
    boolean byNobody = asked <= 2 + decisions / 100.0;
    assertTrue(asked > 0 || kind == Kind.HEALTH, "Redis was asked");
    assertTrue(byNobody || kind != Kind.HEALTH, () -> asked + " times for " + decisions);
  }

  @ParameterizedTest
  @EnumSource
  void eachAlgorithm_hasRules_andCountersThatAreUsedUp(Algorithm algorithm) throws IOException {
    JsonObject open = round("--algorithm", algorithm.label(), "--rules", "3", "--keys", "one");

    assertEquals(0, open.get("errors").getAsLong(), open::toString);
    assertEquals(0, open.get("deniedShare").getAsDouble());

    JsonObject denied = round("--algorithm", algorithm.label(), "--denied", "100", "--keys", "one");

    // One of them is admitted, once, of the 32 that are asked at once.
    assertEquals(0, denied.get("errors").getAsLong(), denied::toString);
    assertTrue(denied.get("deniedShare").getAsDouble() > 0.9, denied::toString);
  }

  @ParameterizedTest
  @EnumSource(names = {"UNARY", "BATCH", "STREAM", "CLIENT", "ENVOY"})
  void theDeniedShare_isDenied_inEachKind(Kind kind) throws IOException {
    JsonObject round =
        round("--kind", kind.toString(), "--denied", "100", "--keys", "one", "--batch", "10");

    assertEquals(0, round.get("errors").getAsLong(), round::toString);
    assertTrue(round.get("deniedShare").getAsDouble() > 0.9, round::toString);
  }

  @ParameterizedTest
  @EnumSource(names = {"UNARY", "STREAM", "HEALTH"})
  void atARate_whatIsDueIsAsked(Kind kind) throws IOException {
    JsonObject round = round("--kind", kind.toString(), "--rate", "200", "--time", "1s");

    assertEquals(200, round.get("decisions").getAsLong() + round.get("dropped").getAsLong());
    assertEquals(0, round.get("errors").getAsLong(), round::toString);
  }

  @Test
  void whatRedisCharged_isWhatCallersWereTold() throws IOException {
    String redis = service.redisUri().orElseThrow();
    JsonObject round =
        round("--algorithm", "fixed-window", "--charges", "--deadline", "10s", "--redis", redis);

    assertEquals(0, round.get("errors").getAsLong(), round::toString);
    assertTrue(round.get("charged").getAsLong() > 0, round::toString);
    assertEquals(round.get("admitted").getAsLong(), round.get("charged").getAsLong());
  }

  @Test
  void twoInTurn_areComparedPairByPair() throws IOException {
    JsonObject all = run("--kind", "stream", "--against", "--kind health", "--rounds", "2");

    assertEquals(2, all.getAsJsonObject("a").getAsJsonArray("rounds").size());
    assertEquals(2, all.getAsJsonObject("b").getAsJsonArray("rounds").size());
    assertEquals(2, all.getAsJsonObject("rateRatios").getAsJsonArray("pairs").size());
    assertTrue(all.getAsJsonObject("p99Ratios").get("median").getAsDouble() > 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"--domain-rules 4", "--lease", "--kind envoy --denied 50"})
  void withoutTarget_servicesAreStarted_withTheRulesOfBoth(String against) throws IOException {
    JsonObject all =
        run(
            "--target=",
            "--server-jar=" + SERVER,
            "--serve-args=--decision-deadline 1m --warm-up 1s",
            "--warmup=2s",
            "--time=1s",
            "--rounds=1",
            "--against=" + against);

    for (String side : List.of("a", "b")) {
      JsonObject round =
          all.getAsJsonObject(side).getAsJsonArray("rounds").get(0).getAsJsonObject();
      assertTrue(round.get("decisions").getAsLong() > 0, all::toString);
      for (String whose : List.of("redis", "service", "client")) {
        assertTrue(round.get(whose + "CpuMicrosPerDecision").getAsDouble() > 0, all::toString);
      }
      assertFalse(String.valueOf(round.get("firstError")).contains("answered by"), all::toString);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"UNARY", "STREAM", "CLIENT"})
  void aDomainThatHasNoRules_isErrors_notDecisions(Kind kind) throws IOException {
    JsonObject round = first(run("--kind", kind.toString(), "--domain", "unknown"));

    assertEquals(0, round.get("decisions").getAsLong());
    assertTrue(round.get("errors").getAsLong() > 0);
    assertEquals("answered by UNKNOWN_DOMAIN", round.get("firstError").getAsString());
  }

  @ParameterizedTest
  @EnumSource
  void aServiceThatIsAway_isErrors_notDecisions(Kind kind) throws IOException {
    // Of port 1 nobody has ever heard.
    JsonObject round = first(run("--kind", kind.toString(), "--target", "127.0.0.1:1"));

    assertEquals(0, round.get("decisions").getAsLong());
    assertTrue(round.get("errors").getAsLong() > 0);
  }

  private static double scripts() {
    return service.usage().redisScripts().orElseThrow();
  }

  /**
   * The first round without errors: the service gives a Redis up that is not given a processor for
   * half a second, as may be on a busy machine.
   */
  private JsonObject round(String... flags) throws IOException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    JsonObject round = first(run(flags));
    while (round.get("errors").getAsLong() > 0 && System.nanoTime() - end < 0) {
      round = first(run(flags));
    }
    return round;
  }

  private static JsonObject first(JsonObject all) {
    return all.getAsJsonObject("a").getAsJsonArray("rounds").get(0).getAsJsonObject();
  }

  private JsonObject run(String... flags) throws IOException {
    Path json = directory.resolve("results.json");
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--target",
                service.target(),
                "--warmup",
                "0s",
                "--time",
                "300ms",
                "--in-flight",
                "16"));
    arguments.addAll(List.of("--json", json.toString()));
    arguments.addAll(Arrays.asList(flags));
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);

    int exit = Load.run(out, out, arguments.toArray(String[]::new));

    JsonObject all = JsonParser.parseString(Files.readString(json)).getAsJsonObject();
    boolean decided = first(all).get("decisions").getAsLong() > 0;
    assertEquals(decided ? 0 : 1, exit, () -> said.toString(StandardCharsets.UTF_8));
    return all;
  }
}
