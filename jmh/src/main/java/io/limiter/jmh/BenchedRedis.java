package io.limiter.jmh;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.StringCodec;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import redis.embedded.core.ExecutableProvider;

/**
 * The Redis that a benchmark asks: the one at a given address, or one of its own. Its own listens
 * on the loopback address, writes nothing to disk, and is stopped at the end. It is the
 * redis-server on the PATH, else that of the embedded-redis library.
 */
public final class BenchedRedis implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int HIGHEST_PORT = 55_535;

  /** Goes on with a SCAN, and adds up the third number of each state that it finds. */
  private static final String COUNTS =
      """
      local page = redis.call('SCAN', ARGV[1], 'MATCH', ARGV[2], 'COUNT', 1000)
      local sum = 0
      for _, key in ipairs(page[2]) do
        sum = sum + struct.unpack('<d', redis.call('GETRANGE', key, 17, 24))
      end
      return {page[1], string.format('%.0f', sum)}
      """;

  private final @Nullable Process process;
  private final String uri;
  private final RedisClient client;
  private final StatefulRedisConnection<String, String> connection;

  private BenchedRedis(String uri, @Nullable Process process) {
    this.process = process;
    this.uri = uri;
    client = RedisClient.create(RedisURI.create(uri));
    client.setOptions(ClientOptions.builder().autoReconnect(false).build());
    connection = connect();
    connection.setTimeout(PATIENCE);
  }

  /**
   * Connects to the one given and empties it, or to one of its own when {@code uri} is empty.
   *
   * @throws io.lettuce.core.RedisException when it does not answer within a minute
   */
  public static BenchedRedis at(String uri) {
    if (!uri.isEmpty()) {
      BenchedRedis given = kept(uri);
      given.connection.sync().flushall();
      return given;
    }
    return own(List.of());
  }

  /** One of its own that is to be a member of a Redis Cluster, and holds nothing yet. */
  static BenchedRedis member() throws IOException {
    File folder = Files.createTempDirectory("limiter-jmh-redis").toFile();
    folder.deleteOnExit();
    return own(List.of("--cluster-enabled", "yes", "--dir", folder.getPath()));
  }

  private static BenchedRedis own(List<String> more) {
    int port = freePort();
    Process process = start(port, more);
    try {
      return new BenchedRedis("redis://127.0.0.1:" + port, process);
    } catch (RuntimeException failed) {
      process.destroyForcibly();
      throw failed;
    }
  }

  /** Connects to the one given and leaves what it holds. */
  public static BenchedRedis kept(String uri) {
    return new BenchedRedis(uri, null);
  }

  /** Where it is, as {@code serve --redis} takes it. */
  public String uri() {
    return uri;
  }

  /** What it says of itself. */
  public RedisInfo info() {
    return new RedisInfo(connection);
  }

  /**
   * What fixed windows have counted, all together: the sum over those whose key matches.
   *
   * @param keys a pattern as SCAN takes it
   */
  public long windowCounts(String keys) {
    double sum = 0;
    String cursor = "0";
    do {
      List<String> found =
          connection.sync().eval(COUNTS, ScriptOutputType.MULTI, new String[0], cursor, keys);
      cursor = found.get(0);
      sum += Double.parseDouble(found.get(1));
    } while (!cursor.equals("0"));
    return (long) sum;
  }

  StatefulRedisConnection<String, String> connection() {
    return connection;
  }

  private StatefulRedisConnection<String, String> connect() {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try {
        return client.connect(StringCodec.ASCII);
      } catch (RuntimeException notYet) {
        boolean starting = process != null && process.isAlive();
        if (!starting || System.nanoTime() - end > 0) {
          client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
          throw notYet;
        }
        LockSupport.parkNanos(20_000_000);
      }
    }
  }

  private static Process start(int port, List<String> more) {
    List<String> command = new ArrayList<>();
    Collections.addAll(
        command,
        onPath().orElseGet(BenchedRedis::embedded).getPath(),
        "--port",
        Integer.toString(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--appendonly",
        "no",
        // As docs/operation.md asks for: with less, removing expired keys can block for longer.
        "--hz",
        "100");
    command.addAll(more);
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
      return process;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start " + command, e);
    }
  }

  private static Optional<File> onPath() {
    String path = System.getenv().getOrDefault("PATH", "");
    return Stream.of(path.split(File.pathSeparator))
        .flatMap(
            folder ->
                Stream.of(new File(folder, "redis-server"), new File(folder, "redis-server.exe")))
        .filter(File::canExecute)
        .findFirst();
  }

  private static File embedded() {
    try {
      File folder = Files.createTempDirectory("limiter-jmh-redis").toFile();
      folder.deleteOnExit();
      File file = ExecutableProvider.newJarResourceProvider(folder).get();
      file.deleteOnExit();
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int freePort() {
    while (true) {
      try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        // The bus of a member of a Cluster listens 10,000 above.
        if (socket.getLocalPort() <= HIGHEST_PORT) {
          return socket.getLocalPort();
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public void close() {
    connection.close();
    client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
    if (process == null) {
      return;
    }
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
