package io.limiter.jmh.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.limiter.jmh.load.flags.TrafficFlags;
import io.limiter.jmh.load.pace.Pace;
import io.limiter.jmh.load.pace.Slot;
import io.limiter.jmh.load.wire.Connection;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConnectionTest {
  /** More than gRPC has threads for. */
  private static final int CONNECTIONS = 2 * Runtime.getRuntime().availableProcessors() + 1;

  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  /** What calls showed. */
  private final Set<String> shown = ConcurrentHashMap.newKeySet();

  private Server server;

  @BeforeEach
  void start() throws IOException {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(new HealthStatusManager().getHealthService())
            .intercept(
                new ServerInterceptor() {
                  @Override
                  public <Q, A> ServerCall.Listener<Q> interceptCall(
                      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
                    shown.add(String.valueOf(headers.get(AUTHORIZATION)));
                    return next.startCall(call, headers);
                  }
                })
            .build()
            .start();
  }

  @AfterEach
  void end() {
    server.shutdownNow();
  }

  @Test
  void eachConnection_hasAThreadOfItsOwn_untilItIsClosed() throws InterruptedException {
    TrafficFlags flags = LoadFlags.parse("--kind", "health").traffic;
    String target = "127.0.0.1:" + server.getPort();
    List<Connection> connections =
        IntStream.range(0, CONNECTIONS).mapToObj(i -> new Connection(target, flags, 2, i)).toList();
    Threads threads = new Threads(2 * CONNECTIONS);
    for (Connection connection : connections) {
      connection.slots().forEach(slot -> slot.under(threads));
      connection.slots().forEach(slot -> slot.ask(0));
    }

    assertTrue(threads.missing.await(60, TimeUnit.SECONDS));
    connections.forEach(connection -> assertEquals(2, connection.tally().decisions()));
    assertEquals(CONNECTIONS, threads.answered.size());

    connections.forEach(Connection::close);
    for (Thread thread : threads.answered) {
      thread.join(10_000);
      assertFalse(thread.isAlive(), thread::getName);
    }
  }

  @Test
  void aToken_isShownWithEachCall_andNoneWithoutItsFile(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("token"), "web.secret\n");
    for (List<String> token : List.of(List.<String>of(), List.of("--token-file", "" + file))) {
      List<String> flags = new ArrayList<>(List.of("--kind", "health"));
      flags.addAll(token);
      TrafficFlags traffic = LoadFlags.parse(flags.toArray(String[]::new)).traffic;
      Connection connection = new Connection("127.0.0.1:" + server.getPort(), traffic, 2, 0);
      Threads threads = new Threads(2);
      connection.slots().forEach(slot -> slot.under(threads));
      connection.slots().forEach(slot -> slot.ask(0));
      assertTrue(threads.missing.await(60, TimeUnit.SECONDS));
      connection.close();
      assertEquals(Set.of(token.isEmpty() ? "null" : "Bearer web.secret"), Set.copyOf(shown));
      shown.clear();
    }
  }

  /** Those that answers are read on. */
  private static final class Threads implements Pace {
    private final Set<Thread> answered = ConcurrentHashMap.newKeySet();
    private final CountDownLatch missing;

    Threads(int answers) {
      missing = new CountDownLatch(answers);
    }

    @Override
    public Timing run(List<Slot> slots, Duration time) {
      throw new UnsupportedOperationException("asks nothing");
    }

    @Override
    public long nanoTime() {
      return System.nanoTime();
    }

    @Override
    public void answered(Slot slot, boolean decided, long nowNanos) {
      answered.add(Thread.currentThread());
      missing.countDown();
    }
  }
}
