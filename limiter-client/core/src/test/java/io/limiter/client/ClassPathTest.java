package io.limiter.client;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The client is thin: of the project it needs the wire contract alone. */
final class ClassPathTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "io.limiter.algorithm.Limit",
        "io.limiter.server.decide.Request",
        "io.limiter.server.rules.Rule",
        "io.lettuce.core.RedisClient",
        "org.snakeyaml.engine.v2.api.Load",
        "io.micrometer.core.instrument.MeterRegistry"
      })
  void classPath_holdsNothingOfTheService(String type) {
    assertThrows(ClassNotFoundException.class, () -> Class.forName(type));
  }

  @Test
  void classPath_holdsNoOtherModuleThanProto() {
    List<String> entries =
        List.of(System.getProperty("java.class.path").split(File.pathSeparator, -1));
    assertTrue(
        entries.stream().anyMatch(entry -> entry.contains("proto")),
        "the class path is not to be seen here: " + entries);
    for (String module : List.of("lua-scripts", "limiter-server", "lettuce", "jedis", "redis")) {
      assertFalse(entries.stream().anyMatch(entry -> entry.contains(module)), module);
    }
    assertDoesNotThrow(() -> Class.forName("io.limiter.v1.RateLimiterGrpc"));
  }
}
