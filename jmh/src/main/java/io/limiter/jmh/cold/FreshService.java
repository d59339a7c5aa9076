package io.limiter.jmh.cold;

import io.limiter.jmh.load.service.Words;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A service in a process of its own that was started just now. */
final class FreshService implements AutoCloseable {
  private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final Process process;
  private final Path log;
  private final InetSocketAddress address;
  private final int httpPort;
  private final long startedNanos;
  private final Thread atExit;

  private FreshService(Process process, Path log, int port, int httpPort, long startedNanos) {
    this.process = process;
    this.log = log;
    this.address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    this.httpPort = httpPort;
    this.startedNanos = startedNanos;
    atExit = new Thread(process::destroyForcibly, "end-service");
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  /**
   * Starts it, and does not wait.
   *
   * @param program what takes the arguments of {@code serve}, such as {@code java -jar …}
   */
  static FreshService start(String program, Path rules, String redis) throws IOException {
    int port = freePort();
    int httpPort = freePort();
    List<String> command = new ArrayList<>(Words.of(program));
    command.addAll(
        List.of(
            "serve",
            "--rules",
            rules.toString(),
            "--redis",
            redis,
            "--grpc-port",
            Integer.toString(port),
            "--http-port",
            Integer.toString(httpPort)));
    Path log = Files.createTempFile("limiter-cold", ".log");
    long now = System.nanoTime();
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    return new FreshService(process, log, port, httpPort, now);
  }

  /**
   * Waits until its gRPC port answers, and for nothing more.
   *
   * @return how long that took from the start, in nanoseconds
   */
  long awaitPort() throws IOException {
    while (true) {
      try (SocketChannel channel = SocketChannel.open(address)) {
        // Whoever asks a free port again and again may meet itself: from that port.
        if (!address.equals(channel.getLocalAddress())) {
          return System.nanoTime() - startedNanos;
        }
      } catch (IOException notYet) {
        if (!process.isAlive() || System.nanoTime() - startedNanos > PATIENCE_NANOS) {
          throw new IOException("the service did not start:\n" + Files.readString(log), notYet);
        }
        LockSupport.parkNanos(2_000_000);
      }
    }
  }

  InetSocketAddress address() {
    return address;
  }

  int httpPort() {
    return httpPort;
  }

  /** What it logged that is a warning or an error. */
  List<String> complaints() throws IOException {
    try (var lines = Files.lines(log)) {
      return lines.filter(line -> !line.contains(" INFO ")).toList();
    }
  }

  static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Asks it to end, so that it may write its class archive. */
  @Override
  public void close() {
    process.toHandle().destroy();
    try {
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
      Files.deleteIfExists(log);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    } catch (IOException left) {
      System.err.println("cannot delete " + log + ": " + left.getMessage());
    }
    Runtime.getRuntime().removeShutdownHook(atExit);
  }
}
