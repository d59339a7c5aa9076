package io.limiter.server.store.redis.advice;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.limiter.server.store.redis.advice.Advice.About;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said about what INFO replies. */
class RedisInfoTest {
  private static final List<String> GOOD =
      List.of(
          "# Server",
          "redis_version:7.0.15",
          "hz:100",
          "# Memory",
          "maxmemory:104857600",
          "maxmemory_policy:noeviction",
          "# Replication",
          "role:master",
          "# Cluster",
          "cluster_enabled:0");

  private static String info(List<String> lines) {
    return String.join("\r\n", lines) + "\r\n";
  }

  /** The good one, with one field changed or taken away. */
  private static List<Advice> with(String line) {
    String name = line.substring(0, line.indexOf(':'));
    return RedisInfo.judge(
        info(
            GOOD.stream()
                .map(good -> good.startsWith(name + ":") ? line : good)
                .filter(kept -> !kept.endsWith(":gone"))
                .toList()),
        /* asCluster= */ false);
  }

  private static List<About> abouts(List<Advice> advice) {
    return advice.stream().map(Advice::about).toList();
  }

  @Test
  void aRedisThatIsSetWell_getsNoAdvice() {
    assertEquals(List.of(), RedisInfo.judge(info(GOOD), /* asCluster= */ false));
  }

  @ParameterizedTest
  @CsvSource({
    "maxmemory_policy:volatile-lru, MAXMEMORY_POLICY",
    "maxmemory_policy:allkeys-lfu, MAXMEMORY_POLICY",
    "maxmemory_policy:volatile-ttl, MAXMEMORY_POLICY",
    "maxmemory:0, MAXMEMORY",
    "hz:10, HZ",
    "hz:99, HZ",
    "hz:500, ",
    "redis_version:6.0.16, VERSION",
    "redis_version:5.0.14, VERSION",
    "redis_version:6.2.0, ",
    "redis_version:7.2.4, ",
    "redis_version:10.0.0, ",
    "redis_version:255.255.255, ",
    "role:slave, ROLE",
    "cluster_enabled:1, CLUSTER",
    "hz:gone, UNSEEN",
    "maxmemory:gone, UNSEEN",
    "maxmemory_policy:gone, UNSEEN",
    "redis_version:gone, UNSEEN",
    "role:gone, ",
    "cluster_enabled:gone, ",
  })
  void eachSettingThatIsWrong_isNamed(String line, String about) {
    List<About> expected = about == null ? List.of() : List.of(About.valueOf(about));
    assertEquals(expected, abouts(with(line)));
  }

  @Test
  void anAdvice_saysWhatFollowsAndWhatToSet() {
    assertEquals(
        "maxmemory-policy is allkeys-lru, by which a full Redis drops counters, and their limits"
            + " start afresh; set noeviction",
        with("maxmemory_policy:allkeys-lru").get(0).text());
    assertEquals(
        "hz is 10, so the removal of expired keys may stop it for 25 ms at a time; set 100",
        with("hz:10").get(0).text());
    assertEquals(
        "its version is 6.0.16; use 6.2 or later, or Valkey",
        with("redis_version:6.0.16").get(0).text());
    assertEquals(
        "its INFO does not tell hz, which is not checked; see to it by hand",
        with("hz:gone").get(0).text());
  }

  @Test
  void aNodeOfACluster_isRight_whereOneIsExpected() {
    String cluster = info(GOOD).replace("cluster_enabled:0", "cluster_enabled:1");
    assertEquals(List.of(), RedisInfo.judge(cluster, /* asCluster= */ true));
  }

  @Test
  void anythingElse_isSaidToBeUnseen() {
    for (String text : List.of("", "\r\n", "no colon", "hz:", "hz:x\r\nmaxmemory:-1", ":")) {
      assertEquals(
          List.of(About.UNSEEN), abouts(RedisInfo.judge(text, /* asCluster= */ false)), text);
    }
  }

  @Test
  void everyLabel_isAWordOfMetrics() {
    assertEquals(
        "version maxmemory_policy maxmemory hz role cluster unseen",
        String.join(" ", Arrays.stream(About.values()).map(About::label).toList()));
  }
}
