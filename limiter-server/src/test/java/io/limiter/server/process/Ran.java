package io.limiter.server.process;

import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A command of the documentation that was run to its end. */
record Ran(String output, int exitCode) {
  /** Runs the program; questions go to a service of this test, and wait for it. */
  static Ran program(List<String> arguments, DemoService asked, Path folder) throws Exception {
    assertNotEquals("serve", arguments.get(0), "shown as a command that ends");
    List<String> command =
        new ArrayList<>(List.of(Documentation.ROOT.resolve("bin/limiter").toString()));
    command.addAll(arguments);
    boolean explains = arguments.get(0).equals("explain") && !arguments.contains("--rules");
    if (List.of("check", "peek", "reset", "refund").contains(arguments.get(0)) || explains) {
      command.addAll(List.of("--target", asked.grpc(), "--deadline", "1m"));
    }
    return ran(command, folder);
  }

  static Ran java(List<String> arguments, Path folder) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:TieredStopAtLevel=1");
    command.addAll(arguments);
    return ran(command, folder);
  }

  static Ran ran(List<String> command, Path folder) throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("LIMITER_CACHE", Path.of("target/cache").toAbsolutePath().toString());
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ran(output.replace(System.lineSeparator(), "\n"), process.waitFor());
  }
}
