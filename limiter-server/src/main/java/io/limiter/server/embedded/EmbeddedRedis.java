package io.limiter.server.embedded;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Redis of this process's own, for trying the service out: a real one, on a free port of the
 * loopback address, that keeps nothing on disk and ends with this process.
 */
public final class EmbeddedRedis implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EmbeddedRedis.class);
  private static final int ATTEMPTS = 3;
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** A signal to both processes may reach this one so much later. */
  private static final Duration SIGNALS = Duration.ofMillis(500);

  private final RedisProgram program;
  private final Process redis;
  private final @Nullable Process watch;
  private final int port;
  private final Path folder;
  private volatile boolean closing;

  private EmbeddedRedis(RedisProgram program, Process redis, int port, Path folder)
      throws IOException {
    this.program = program;
    this.redis = redis;
    this.port = port;
    this.folder = folder;
    this.watch = Watch.over(redis, folder);
  }

  /**
   * Starts one and waits until it answers.
   *
   * @param path where to look for {@code redis-server}, as in the environment's PATH; the one that
   *     comes with this program is used when it is not found there
   * @throws IOException when none can be started; the message says why and what to do
   */
  public static EmbeddedRedis start(String path) throws IOException {
    Path folder = Folders.temporary("limiter-redis-");
    try {
      RedisProgram program = RedisProgram.find(path, folder);
      // Between finding a free port and taking it, somebody else may: then there is another.
      for (int attempt = 1; ; attempt++) {
        try {
          return launch(program, folder);
        } catch (IOException e) {
          if (attempt == ATTEMPTS) {
            throw e;
          }
        }
      }
    } catch (IOException e) {
      Folders.delete(folder);
      throw new IOException(
          "no Redis of our own can be started: %s; install redis-server or name a Redis with --redis"
              .formatted(e.getMessage()),
          e);
    }
  }

  private static EmbeddedRedis launch(RedisProgram program, Path folder) throws IOException {
    int port = freePort();
    Path output = folder.resolve("redis.log");
    List<String> command = new ArrayList<>(ProcessGroup.ofItsOwn());
    command.addAll(
        List.of(
            program.file().toString(),
            "--bind",
            "127.0.0.1",
            "--port",
            Integer.toString(port),
            "--save",
            "",
            "--appendonly",
            "no",
            "--maxmemory-policy",
            "noeviction",
            // Redis stops for up to a quarter of a period to remove keys that have expired:
            // with its default of 10 periods a second, longer than a decision may take.
            "--hz",
            "100",
            "--loglevel",
            "warning",
            "--dir",
            folder.toString()));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    EmbeddedRedis redis = new EmbeddedRedis(program, process, port, folder);
    try {
      redis.awaitAnswer(output);
    } catch (IOException e) {
      redis.stopProcesses();
      throw e;
    }
    CompletableFuture<?> unused =
        process
            .onExit()
            .thenAcceptAsync(
                redis::ended,
                CompletableFuture.delayedExecutor(SIGNALS.toMillis(), TimeUnit.MILLISECONDS));
    return redis;
  }

  /** Where it listens, such as {@code redis://127.0.0.1:40111}. */
  public String uri() {
    return "redis://127.0.0.1:" + port;
  }

  /** The process's id. */
  long pid() {
    return redis.pid();
  }

  /** What runs: the file it was started from, and where that came from. */
  @Override
  public String toString() {
    return program.toString();
  }

  /** From now on it is no surprise if it ends. */
  public void expectEnd() {
    closing = true;
  }

  /** Stops it and removes what it left. */
  @Override
  public void close() {
    closing = true;
    stopProcesses();
    Folders.delete(folder);
  }

  private void stopProcesses() {
    stopWatch();
    redis.destroy();
    try {
      if (!redis.waitFor(2, TimeUnit.SECONDS)) {
        redis.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      redis.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  private void stopWatch() {
    if (watch != null) {
      watch.destroyForcibly();
    }
  }

  private void ended(Process process) {
    if (!closing) {
      // Its id may come to name somebody else's process.
      stopWatch();
      log.error(
          "The embedded Redis ended by itself with exit code {}; restart to get another",
          process.exitValue());
    }
  }

  private void awaitAnswer(Path output) throws IOException {
    long start = System.nanoTime();
    while (!answers()) {
      if (!redis.isAlive()) {
        throw new IOException(
            "%s ended with exit code %d: %s"
                .formatted(program.file(), redis.exitValue(), Files.readString(output).strip()));
      }
      if (System.nanoTime() - start > PATIENCE.toNanos()) {
        throw new IOException(
            "%s did not answer within %d s".formatted(program.file(), PATIENCE.toSeconds()));
      }
      pause();
    }
  }

  private boolean answers() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
      socket.setSoTimeout(1_000);
      socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
      String answer =
          new BufferedReader(
                  new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
              .readLine();
      return "+PONG".equals(answer);
    } catch (IOException notYet) {
      return false;
    }
  }

  private static void pause() throws IOException {
    try {
      Thread.sleep(5);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while it started", e);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
