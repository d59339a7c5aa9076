package io.limiter.server.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.limiter.server.cli.Main;
import java.io.BufferedReader;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Ctrl-C in a terminal goes to every process of the group, and so to Redis too. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class InterruptIT {
  private static final Path SETSID = Path.of("/usr/bin/setsid");
  private static final Path ENV = Path.of("/usr/bin/env");

  @Test
  void ctrlC_endsTheDemoInGoodOrder_withoutAnError() throws Exception {
    assumeTrue(
        Files.isExecutable(SETSID) && Files.isExecutable(ENV), "needs setsid and env in /usr/bin");
    // What starts in the background inherits that it ignores the signal.
    ProcessBuilder builder =
        new ProcessBuilder(
            SETSID.toString(),
            ENV.toString(),
            "--default-signal=INT",
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            programAlone(),
            Main.class.getName(),
            "serve",
            "--demo",
            "--grpc-port=0",
            "--http-port=0");
    builder.environment().keySet().removeIf(name -> name.startsWith("LIMITER_"));
    Process group = builder.redirectErrorStream(true).start();
    try {
      BufferedReader lines = group.inputReader();
      StringBuilder log = new StringBuilder();
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        log.append(line).append('\n');
        if (line.contains("Serving gRPC")) {
          interrupt(group.pid());
        }
      }
      assertEquals(130, group.waitFor(), log::toString);
      assertTrue(log.toString().contains("Shut down"), log::toString);
      assertFalse(log.toString().contains(" ERROR "), log::toString);
      assertFalse(log.toString().contains("cannot be asked"), log::toString);
    } finally {
      group.destroyForcibly();
    }
  }

  private static void interrupt(long group) throws Exception {
    List<String> command = List.of("/bin/sh", "-c", "kill -s INT -- -" + group);
    assertEquals(0, new ProcessBuilder(command).start().waitFor());
  }

  /** The class path without the tests' folders, which configure logs of their own. */
  private static String programAlone() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
        .filter(entry -> !entry.matches(".*(test-classes|-tests\\.jar)/?"))
        .collect(Collectors.joining(File.pathSeparator));
  }
}
