package io.limiter.jmh.load.service;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The program as it ships, in a process of its own that ends with this one. */
final class ServiceProcess implements AutoCloseable {
  private static final Pattern SERVING = Pattern.compile("Serving gRPC on (\\S+:\\d+)");

  private final Process process;
  private final Path rules;
  private final Thread atExit = new Thread(this::end, "end-service");
  private String target = "";

  private ServiceProcess(Process process, Path rules) {
    this.process = process;
    this.rules = rules;
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  /**
   * Starts it and waits until it says that it serves.
   *
   * @param rules a directory that is deleted afterwards
   * @throws IOException when it does not start; the message holds what it logged
   */
  static ServiceProcess start(ServiceFlags.ServiceKey key, Path rules, String redis)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(Words.of(key.serverFlags()));
    command.addAll(List.of("-jar", key.serverJar().toString(), "serve"));
    command.addAll(List.of("--rules", rules.toString(), "--redis", redis));
    command.addAll(List.of("--grpc-port", "0", "--http-port", "0"));
    command.addAll(Words.of(key.serveArgs()));
    ServiceProcess service =
        new ServiceProcess(new ProcessBuilder(command).redirectErrorStream(true).start(), rules);
    try {
      service.awaitServing();
      return service;
    } catch (IOException failed) {
      service.close();
      throw failed;
    }
  }

  private void awaitServing() throws IOException {
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    StringBuilder log = new StringBuilder();
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      log.append(line).append('\n');
      Matcher serving = SERVING.matcher(line);
      if (serving.find()) {
        target = serving.group(1);
        Thread reader = new Thread(() -> passOn(out), "service-log");
        reader.setDaemon(true);
        reader.start();
        return;
      }
    }
    throw new IOException("the service ended before it served:\n" + log);
  }

  /** What it logs from now on is a warning or an error, which a reader of figures must see. */
  private static void passOn(BufferedReader out) {
    out.lines().filter(line -> !line.contains(" INFO ")).forEach(System.err::println);
  }

  String target() {
    return target;
  }

  /** Processor time so far, in microseconds. */
  OptionalDouble cpuMicros() {
    return Usage.cpuMicros(process.toHandle());
  }

  @Override
  public void close() {
    end();
    Runtime.getRuntime().removeShutdownHook(atExit);
  }

  private void end() {
    process.toHandle().destroy(); // unlike the process's own, it leaves what is written readable
    try {
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    try (Stream<Path> files = Files.list(rules)) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(rules);
    } catch (IOException left) {
      System.err.println("cannot delete " + rules + ": " + left.getMessage());
    }
  }
}
