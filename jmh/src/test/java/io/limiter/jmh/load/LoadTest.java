package io.limiter.jmh.load;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.grpc.netty.shaded.io.netty.util.ResourceLeakDetector;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LoadTest {

  @ParameterizedTest
  @CsvSource({"DISABLED, -Dnothing", "PARANOID, -D" + Load.LEAK_DETECTION + "=paranoid"})
  void leaksAreNotLookedFor_unlessToldTo(String level, String flag)
      throws IOException, InterruptedException {
    // In a process of its own, since Netty reads the property once.
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                flag,
                "-cp",
                System.getProperty("java.class.path"),
                LevelAtExit.class.getName())
            .redirectErrorStream(true)
            .start();
    List<String> said =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
            .lines()
            .toList();

    assertEquals(0, process.waitFor(), said::toString);
    assertEquals(level, said.get(said.size() - 1));
  }

  /** Runs the generator, and says last by which level it went. */
  static final class LevelAtExit {
    public static void main(String[] none) {
      Runtime.getRuntime()
          .addShutdownHook(new Thread(() -> System.out.println(ResourceLeakDetector.getLevel())));
      Load.main(new String[] {"--help"});
    }
  }
}
