package io.limiter.jmh;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The processor that results are of. */
public final class Cpu {
  private Cpu() {}

  /** Its name, where the system tells, else its architecture. */
  public static String model() throws IOException {
    Path cpus = Path.of("/proc/cpuinfo");
    String architecture = System.getProperty("os.arch");
    if (!Files.exists(cpus)) {
      return architecture;
    }
    try (Stream<String> lines = Files.lines(cpus)) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse(architecture);
    }
  }
}
