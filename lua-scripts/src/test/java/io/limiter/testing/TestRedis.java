package io.limiter.testing;

import com.redis.testcontainers.RedisContainer;
import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.testcontainers.utility.DockerImageName;
import redis.embedded.core.ExecutableProvider;

/**
 * A real Redis to test against, looked for in this order: the URL in the system property {@code
 * limiter.test.redis} (a Redis for tests: they flush it), Docker, a {@code redis-server} on the
 * PATH, and the binary that the embedded-redis library carries.
 */
public final class TestRedis implements AutoCloseable {
  private static final DockerImageName IMAGE = DockerImageName.parse("redis:7.4-alpine");
  private static final Path OUTPUT = Path.of("target", "redis-server.log");

  /** Testcontainers goes on for minutes when it cannot pull its images or that of Redis. */
  private static final Duration CONTAINER_WAIT = Duration.ofSeconds(20);

  private static boolean containersStart = true;

  private static TestRedis shared;

  private final String uri;
  private final String found;
  private final Closeable stop;
  private final Optional<Process> process;

  private TestRedis(String uri, String found, Optional<Process> process, Closeable stop) {
    this.uri = uri;
    this.found = found;
    this.process = process;
    this.stop = stop;
  }

  /** The one that tests share; it lives as long as the test run. */
  public static synchronized TestRedis shared() {
    if (shared == null) {
      shared = given().orElseGet(TestRedis::own);
      Runtime.getRuntime().addShutdownHook(new Thread(shared::close));
    }
    return shared;
  }

  /** One of the caller's own, also when a URL is given. */
  public static TestRedis own() {
    return container().orElseGet(TestRedis::ownProcess);
  }

  /** One that runs as a child process, to be paused or killed; never in a container. */
  public static TestRedis ownProcess() {
    return ownProcess(freePort());
  }

  /** One that runs as a child process, at a port that was free a moment ago. */
  public static TestRedis ownProcess(int port) {
    return ownProcess(port, List.of());
  }

  /**
   * One that runs as a child process, with more options.
   *
   * @param options as the command line of redis-server takes them
   */
  public static TestRedis ownProcess(int port, List<String> options) {
    return onPath()
        .map(file -> start(file, "redis-server on the PATH", port, standalone(port, options)))
        .orElseGet(
            () -> start(embedded(), "the embedded redis-server", port, standalone(port, options)));
  }

  /**
   * A Sentinel that runs as a child process.
   *
   * @param configuration its file, which it writes to
   */
  public static TestRedis sentinel(int port, Path configuration) {
    return start(
        onPath().orElseGet(TestRedis::embedded),
        "a Sentinel",
        port,
        List.of(configuration.toString(), "--sentinel"));
  }

  /** Where it listens, as a {@code redis://} URI. */
  public String uri() {
    return uri;
  }

  /** The process, when it is one of ours. */
  public Process process() {
    return process.orElseThrow(() -> new IllegalStateException(found + " is no process of ours"));
  }

  @Override
  public void close() {
    try {
      stop.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String toString() {
    return uri + " (" + found + ")";
  }

  private static Optional<TestRedis> given() {
    String url = System.getProperty("limiter.test.redis", "");
    return url.isBlank()
        ? Optional.empty()
        : Optional.of(new TestRedis(url, "as given", Optional.empty(), () -> {}));
  }

  private static synchronized Optional<TestRedis> container() {
    if (!containersStart) {
      return Optional.empty();
    }
    CompletableFuture<TestRedis> started = new CompletableFuture<>();
    Thread starter =
        new Thread(
            () -> {
              try {
                TestRedis redis = startContainer();
                if (!started.complete(redis)) {
                  redis.close();
                }
              } catch (RuntimeException noDockerOrImage) {
                started.completeExceptionally(noDockerOrImage);
              }
            },
            "test-redis-container");
    starter.setDaemon(true);
    starter.start();
    try {
      return Optional.of(started.orTimeout(CONTAINER_WAIT.toSeconds(), TimeUnit.SECONDS).join());
    } catch (CompletionException noContainer) {
      containersStart = false;
      return Optional.empty();
    }
  }

  @SuppressWarnings("resource") // closed by the TestRedis that holds it
  private static TestRedis startContainer() {
    RedisContainer container = new RedisContainer(IMAGE);
    container.start();
    return new TestRedis(
        container.getRedisURI(), IMAGE.toString(), Optional.empty(), container::stop);
  }

  private static Optional<File> onPath() {
    String path = System.getenv().getOrDefault("PATH", "");
    String name =
        System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("windows")
            ? "redis-server.exe"
            : "redis-server";
    return Stream.of(path.split(File.pathSeparator))
        .map(folder -> new File(folder, name))
        .filter(File::canExecute)
        .findFirst();
  }

  private static File embedded() {
    try {
      File folder = Files.createTempDirectory("limiter-test-redis").toFile();
      folder.deleteOnExit();
      File file = ExecutableProvider.newJarResourceProvider(folder).get();
      file.deleteOnExit();
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> standalone(int port, List<String> more) {
    List<String> options =
        new ArrayList<>(
            List.of(
                "--port",
                "" + port,
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--appendonly",
                "no",
                "--maxmemory-policy",
                "noeviction"));
    options.addAll(more);
    return options;
  }

  private static TestRedis start(File file, String found, int port, List<String> options) {
    List<String> command = new ArrayList<>(options);
    command.add(0, file.getPath());
    try {
      Files.createDirectories(OUTPUT.getParent());
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(OUTPUT.toFile()))
              .start();
      Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
      awaitPong(process, port);
      return new TestRedis(
          "redis://127.0.0.1:" + port, found, Optional.of(process), () -> end(process));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start " + command, e);
    }
  }

  private static void end(Process process) {
    process.destroyForcibly();
    try {
      process.waitFor(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A port that was free a moment ago. */
  public static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void awaitPong(Process process, int port) throws IOException {
    while (process.isAlive()) {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
        socket.setSoTimeout(10_000);
        socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
        byte[] reply = socket.getInputStream().readNBytes(5);
        if (new String(reply, StandardCharsets.US_ASCII).equals("+PONG")) {
          return;
        }
      } catch (IOException notYet) {
        Thread.onSpinWait();
      }
    }
    throw new IOException(
        "redis-server ended with code %d; see %s".formatted(process.exitValue(), OUTPUT));
  }
}
