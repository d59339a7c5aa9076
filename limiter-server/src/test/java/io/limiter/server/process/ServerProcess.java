package io.limiter.server.process;

import io.limiter.testing.Signal;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The program as it ships, in a process of its own, at ports that the system chose. */
public final class ServerProcess implements AutoCloseable {
  private static final Path JAR = Path.of("target", "limiter-server.jar");
  private static final Pattern SERVING =
      Pattern.compile("Serving gRPC on (\\S+:\\d+) and HTTP on (\\S+:\\d+)");

  private final Process process;
  private final List<String> log = new CopyOnWriteArrayList<>();
  private CompletableFuture<Void> rest = CompletableFuture.completedFuture(null);
  private String grpc = "";
  private String http = "";

  private ServerProcess(Process process) {
    this.process = process;
  }

  /** Starts `serve` with these arguments and waits until it says that it serves. */
  public static ServerProcess serve(String... arguments) {
    return with(Path.of(System.getProperty("java.home"), "bin", "java"), arguments);
  }

  /** The same with this Java. */
  public static ServerProcess with(Path java, String... arguments) {
    // It lives for moments, in which more thorough compilation costs more than it saves.
    return by(
        List.of(
            java.toString(),
            "-XX:TieredStopAtLevel=1",
            "-Dlimiter.warmup.rounds=10",
            "-Xmx256m",
            "-jar",
            JAR.toString()),
        Map.of(),
        arguments);
  }

  /** The same by a command that takes the program's arguments, with variables of its own. */
  public static ServerProcess by(
      List<String> program, Map<String, String> environment, String... arguments) {
    List<String> command = new ArrayList<>(program);
    command.add("serve");
    command.addAll(List.of(arguments));
    for (String port : List.of("--http-port", "--grpc-port")) {
      if (!command.contains(port)) {
        command.addAll(List.of(port, "0"));
      }
    }
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    try {
      ServerProcess server = new ServerProcess(builder.start());
      Runtime.getRuntime().addShutdownHook(new Thread(server.process::destroyForcibly));
      server.awaitServing();
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void awaitServing() throws IOException {
    BufferedReader out =
        new BufferedReader(
            new java.io.InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    String line = out.readLine();
    while (line != null) {
      log.add(line);
      Matcher serving = SERVING.matcher(line);
      if (serving.find()) {
        grpc = serving.group(1);
        http = serving.group(2);
        rest = CompletableFuture.runAsync(() -> out.lines().forEach(log::add));
        return;
      }
      line = out.readLine();
    }
    throw new IOException("the service ended before it served:\n" + String.join("\n", log));
  }

  /** Where it answers gRPC, as host:port. */
  public String grpc() {
    return grpc;
  }

  /** Where it answers HTTP, as host:port. */
  public String http() {
    return http;
  }

  /** What it answers to a GET over HTTP, whatever the status. */
  public String get(String path) {
    try {
      return HttpClient.newHttpClient()
          .send(
              HttpRequest.newBuilder(URI.create("http://" + http + path)).build(),
              HttpResponse.BodyHandlers.ofString())
          .body();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** What it logged so far. */
  public String log() {
    return String.join("\n", log);
  }

  /** Its process, for the system's tools. */
  public long pid() {
    return process.pid();
  }

  /** Stops it where it is, or has it go on. */
  public void signal(String name) {
    Signal.send(name, process);
  }

  /** Ends it at once, as a crash would. */
  public void kill() {
    process.toHandle().destroyForcibly();
    await();
  }

  /** Asks it to end, and gives the code that it ends with. */
  public int stop() {
    process.toHandle().destroy(); // unlike the process's own, it leaves what is written readable
    return await();
  }

  private int await() {
    try {
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        throw new AssertionError("the service did not end within a minute:\n" + log());
      }
      rest.join();
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
