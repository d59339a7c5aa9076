package io.limiter.server.store.redis;

import static org.junit.jupiter.api.Assertions.assertThrows;

import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Limit;
import io.limiter.server.store.endpoint.RedisEndpoint;
import io.limiter.testing.Identity;
import io.limiter.testing.TestRedis;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A Redis behind TLS, whose certificate nobody signed that Java trusts. */
@Timeout(120)
class PrivateCaIT {
  private static final Limit LIMIT = FixedWindow.per(366 * 86_400_000_000L, 5);

  @TempDir private static Path temp;
  private static Path itsOwn;
  private static Path another;
  private static SSLServerSocket port;

  @BeforeAll
  static void listen() throws Exception {
    Identity redis = Identity.make(temp, "redis", "san=dns:localhost");
    itsOwn = redis.certificate();
    another = Identity.make(temp, "other", "san=ip:127.0.0.1").certificate();
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(redis.keys(), Identity.PASSWORD.toCharArray());
    SSLContext tls = SSLContext.getInstance("TLS");
    tls.init(keys.getKeyManagers(), null, null);
    port =
        (SSLServerSocket)
            tls.getServerSocketFactory()
                .createServerSocket(0, 50, InetAddress.getLoopbackAddress());
    int plain = URI.create(TestRedis.shared().uri()).getPort();
    thread(
        () -> {
          while (true) {
            Socket client = port.accept();
            Socket to = new Socket(InetAddress.getLoopbackAddress(), plain);
            thread(() -> pass(client, to));
            thread(() -> pass(to, client));
          }
        });
  }

  @AfterAll
  static void close() throws IOException {
    port.close();
  }

  private interface Task {
    void run() throws IOException;
  }

  private static void thread(Task task) {
    Thread thread =
        new Thread(
            () -> {
              try {
                task.run();
              } catch (IOException over) {
                // Whoever is at the other end notices.
              }
            });
    thread.setDaemon(true);
    thread.start();
  }

  private static void pass(Socket from, Socket to) throws IOException {
    try (from;
        to;
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream()) {
      in.transferTo(out);
    }
  }

  private static RedisCounterStore store(String host, @Nullable Path ca) {
    RedisEndpoint endpoint = RedisEndpoint.parse("rediss://" + host + ":" + port.getLocalPort());
    return RedisCounterStore.connect(
        RedisSettings.of(ca == null ? endpoint : endpoint.trusting(ca), Duration.ofSeconds(30)),
        StoreListener.NONE);
  }

  @Test
  void itsCa_letsTheServiceIn() {
    try (RedisCounterStore store = store("localhost", itsOwn)) {
      StoreOnRedis.await(store::connected);
      store.decide(StoreOnRedis.charge("tls", LIMIT, 0)).toCompletableFuture().join();
    }
  }

  @Test
  void withoutItsCa_orUnderAnotherName_itIsNotTrusted() {
    try (RedisCounterStore store = store("localhost", null)) {
      awaitFailure(store, "name its CA's certificate with --redis-ca FILE");
    }
    try (RedisCounterStore store = store("localhost", another)) {
      awaitFailure(store, "name its CA's certificate with --redis-ca FILE");
    }
    try (RedisCounterStore store = store("127.0.0.1", itsOwn)) {
      awaitFailure(store, "name the host that its certificate is for");
    }
  }

  private static void awaitFailure(RedisCounterStore store, String why) {
    StoreOnRedis.await(
        () -> {
          CompletionException failed =
              assertThrows(
                  CompletionException.class,
                  () ->
                      store
                          .decide(StoreOnRedis.charge("tls", LIMIT, 0))
                          .toCompletableFuture()
                          .join());
          return String.valueOf(failed.getMessage()).contains(why);
        });
  }
}
