package io.limiter.server.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.server.cli.Main;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The service as a process of its own, on a machine without a redis-server. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class EmbeddedRedisIT {
  private final Process service = serve();

  private static Process serve() {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            programAlone(),
            Main.class.getName(),
            "serve",
            "--demo",
            "--grpc-port=0",
            "--http-port=0");
    builder.environment().keySet().removeIf(name -> name.startsWith("LIMITER_"));
    builder.environment().put("PATH", "");
    try {
      return builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The class path without the tests' folders, which configure logs of their own. */
  private static String programAlone() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
        .filter(entry -> !entry.matches(".*(test-classes|-tests\\.jar)/?"))
        .collect(Collectors.joining(File.pathSeparator));
  }

  @AfterEach
  void stop() {
    service.destroyForcibly();
  }

  @Test
  void afterSigterm_exitCodeIs143AndRedisIsGone() throws Exception {
    ProcessHandle redis = awaitRedis();
    service.destroy();
    assertEquals(143, service.waitFor());
    redis.onExit().get(10, TimeUnit.SECONDS);
  }

  @Test
  void afterSigkill_redisIsGoneToo() throws Exception {
    ProcessHandle redis = awaitRedis();
    service.destroyForcibly();
    service.waitFor();
    redis.onExit().get(10, TimeUnit.SECONDS);
  }

  /** Reads the log until the service serves; returns the Redis that it started. */
  private ProcessHandle awaitRedis() throws IOException {
    StringBuilder log = new StringBuilder();
    BufferedReader lines = service.errorReader();
    String line = "";
    while (line != null && !line.contains("Serving gRPC")) {
      log.append(line).append('\n');
      line = lines.readLine();
    }
    assertTrue(line != null, () -> "it never served:\n" + log);
    assertTrue(log.toString().contains("(it comes with this program)"), log::toString);
    List<ProcessHandle> children = service.children().toList();
    Optional<ProcessHandle> redis =
        children.stream()
            .filter(child -> child.info().command().orElse("").contains("redis-server"))
            .findFirst();
    return redis.orElseThrow(() -> new AssertionError("no Redis among " + children));
  }
}
