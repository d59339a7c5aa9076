package io.limiter.server.program;

import io.limiter.server.access.file.AccessFiles;
import io.limiter.testing.TestRedis;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Services whose values are secrets, on a Redis of the test's own. */
abstract class WithSecrets {
  @TempDir static Path folder;
  static TestRedis redis;

  @BeforeAll
  static void start() {
    redis = TestRedis.own();
  }

  @AfterAll
  static void stop() {
    redis.close();
  }

  /** A value that nobody had before. */
  static String newKey() {
    return "sk-" + UUID.randomUUID();
  }

  /** A new file of secrets. */
  static Path secrets(String... lines) throws IOException {
    return Files.write(folder.resolve(UUID.randomUUID().toString()), List.of(lines));
  }

  static SecretService service(Path file) throws IOException {
    return SecretService.start(redis, Optional.of(new AccessFiles(null, file)));
  }
}
