package io.limiter.server.store.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Limit;
import io.limiter.testing.TestRedis;
import io.limiter.testing.Wire;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A Redis on this host by its Unix socket, which needs Linux. */
@Timeout(120)
@EnabledOnOs(OS.LINUX)
class SocketIT {
  private static final Limit PLENTY = FixedWindow.per(366 * 86_400_000_000L, 1L << 40);

  @TempDir Path temp;

  @Test
  void aRedisOnAUnixSocket_isAsked_inTheDatabaseThatIsNamed_underTheNameOfTheService() {
    Path socket = temp.resolve("redis.sock");
    int port = TestRedis.freePort();
    try (RedisCounterStore store =
        RedisCounterStore.connect(
            RedisSettings.of("redis-socket://" + socket + "?database=3", Duration.ofSeconds(30)),
            StoreListener.NONE)) {
      StoreOnRedis.await(() -> store.state().contains("is not connected: "));
      assertTrue(
          store.state().startsWith("redis-socket://" + socket + "?database=3 "), store::state);
      try (TestRedis own = TestRedis.ownProcess(port, List.of("--unixsocket", socket.toString()))) {
        StoreOnRedis.await(store::connected);
        StoreOnRedis.join(store.decide(StoreOnRedis.charge("k", PLENTY, 1)));
        assertTrue(own.process().isAlive());
        assertTrue(Wire.ask(port, "INFO keyspace").contains("db3:keys=1,"));
        String clients = Wire.ask(port, "CLIENT LIST");
        assertEquals(2, clients.split(" name=limiter ", -1).length, clients);
        assertTrue(clients.contains("addr=" + socket + ":0"), clients);
      }
      StoreOnRedis.await(() -> !store.connected());
    }
  }
}
