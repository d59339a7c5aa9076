package io.limiter.server.embedded;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedRedisTest {
  @TempDir Path temp;

  @Test
  void theOneThatComesWithTheProgram_worksWithNothingOnThePath() throws Exception {
    try (EmbeddedRedis redis = EmbeddedRedis.start("")) {
      assertTrue(redis.toString().endsWith(" (it comes with this program)"), redis::toString);
      assertIsOurs(redis);
    }
  }

  @Test
  void withRedisServerOnThePath_itComesFirst() throws Exception {
    String path = System.getenv("PATH");
    assumeTrue(
        path != null && Arrays.stream(path.split(":", -1)).anyMatch(EmbeddedRedisTest::has),
        "needs redis-server on the PATH");
    try (EmbeddedRedis redis = EmbeddedRedis.start(temp + ":" + path)) {
      assertEquals("redis-server (found on the PATH)", redis.toString());
      assertIsOurs(redis);
    }
  }

  @Test
  void afterClose_nothingIsLeft() throws Exception {
    EmbeddedRedis redis = EmbeddedRedis.start("");
    Path folder;
    try {
      folder = Path.of(config(redis, "dir"));
      assertTrue(Files.isDirectory(folder));
    } finally {
      redis.close();
    }
    assertAll(
        () -> assertFalse(ProcessHandle.of(redis.pid()).map(ProcessHandle::isAlive).orElse(false)),
        () -> assertFalse(Files.exists(folder)),
        () ->
            assertThrows(
                ConnectException.class,
                () ->
                    new Socket(InetAddress.getLoopbackAddress(), URI.create(redis.uri()).getPort())
                        .close()));
  }

  @Test
  void whenThisProcessIsGone_soIsRedis() throws Exception {
    Path folder = Files.createDirectory(temp.resolve("redis"));
    Process child = new ProcessBuilder("/bin/sh", "-c", "read -r _").start();
    Process watch = Objects.requireNonNull(Watch.over(child, folder));
    assertFalse(watch.waitFor(50, TimeUnit.MILLISECONDS), "it waits for the pipe to close");
    assertTrue(child.isAlive());

    watch.getOutputStream().close();

    assertTrue(child.waitFor(10, TimeUnit.SECONDS));
    assertTrue(watch.waitFor(10, TimeUnit.SECONDS));
    assertFalse(Files.exists(folder));
  }

  @Test
  void aProgramThatCannotRun_isNamedWithTheRemedy() throws Exception {
    Path broken = temp.resolve("redis-server");
    Files.writeString(broken, "#!/bin/sh\necho this one is broken\nexit 3\n");
    assertTrue(broken.toFile().setExecutable(true));
    IOException refused =
        assertThrows(IOException.class, () -> EmbeddedRedis.start(temp.toString()).close());
    assertEquals(
        "no Redis of our own can be started: %s ended with exit code 3: this one is broken; install redis-server or name a Redis with --redis"
            .formatted(broken),
        refused.getMessage());
  }

  private static void assertIsOurs(EmbeddedRedis redis) {
    assertAll(
        () -> assertEquals("noeviction", config(redis, "maxmemory-policy")),
        () -> assertEquals("100", config(redis, "hz")),
        () -> assertEquals("", config(redis, "save")),
        () -> assertEquals("no", config(redis, "appendonly")),
        () -> assertEquals("127.0.0.1", config(redis, "bind")));
  }

  private static String config(EmbeddedRedis redis, String name) throws IOException {
    int port = URI.create(redis.uri()).getPort();
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      String question = "CONFIG GET " + name + "\r\n";
      socket.getOutputStream().write(question.getBytes(StandardCharsets.US_ASCII));
      BufferedReader answer =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      String last = "";
      // *2, the name's length, the name, the value's length, the value
      for (int line = 0; line < 5; line++) {
        last = answer.readLine();
      }
      return last;
    }
  }

  private static boolean has(String folder) {
    return Files.isExecutable(Path.of(folder, "redis-server"));
  }
}
