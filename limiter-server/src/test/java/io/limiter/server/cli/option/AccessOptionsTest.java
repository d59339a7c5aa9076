package io.limiter.server.cli.option;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.server.access.file.AccessFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Secrets are of use without a file of access, and not the other way round. */
class AccessOptionsTest {
  @TempDir private Path folder;

  @CommandLine.Command(name = "serve")
  private static final class Serving {
    @CommandLine.Mixin private final AccessOptions access = new AccessOptions();
  }

  private static Optional<AccessFiles> settings(String... arguments) {
    Serving serving = new Serving();
    new CommandLine(serving).parseArgs(arguments);
    return serving.access.settings();
  }

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("file"), text);
  }

  private static String refusal(String... arguments) {
    return String.valueOf(
        assertThrows(CommandLine.ParameterException.class, () -> settings(arguments)).getMessage());
  }

  @Test
  void neitherIsNeeded() {
    assertEquals(Optional.empty(), settings());
  }

  @Test
  void secretsAlone_areEnough() throws IOException {
    Path secrets = file("s".repeat(32));
    AccessFiles files = settings("--secrets", secrets.toString()).orElseThrow();
    assertNull(files.access());
    assertEquals(secrets, files.secrets());
  }

  @Test
  void whatCannotBeUsed_isRefusedByItsName() throws IOException {
    String shortest = refusal("--secrets", file("short").toString());
    assertTrue(shortest.startsWith("--secrets: the file of secrets "), shortest);
    assertTrue(shortest.contains("holds a secret of 5 characters, less than 32"), shortest);
    String alone = refusal("--access", file("callers: []").toString());
    assertTrue(alone.startsWith("--secrets: it is missing; "), alone);
  }
}
