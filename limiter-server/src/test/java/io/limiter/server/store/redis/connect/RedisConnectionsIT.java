package io.limiter.server.store.redis.connect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.lettuce.core.api.StatefulRedisConnection;
import io.limiter.server.store.StoreException;
import io.limiter.server.store.endpoint.RedisEndpoint;
import io.limiter.testing.Await;
import io.limiter.testing.TestRedis;
import io.netty.resolver.dns.SingletonDnsServerAddressStreamProvider;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

/** Connections that are made again: how often, where to, and what the log is told of it. */
class RedisConnectionsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final List<ILoggingEvent> lines = new CopyOnWriteArrayList<>();
  private final Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
  private final AppenderBase<ILoggingEvent> appender =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent line) {
          if (line.getLevel().isGreaterOrEqual(Level.INFO)
              && line.getLoggerName().startsWith("io.limiter.server.store.redis")) {
            lines.add(line);
          }
        }
      };

  @BeforeEach
  void listen() {
    appender.start();
    root.addAppender(appender);
  }

  @AfterEach
  void stop() {
    root.detachAppender(appender);
  }

  /** Without those of what other tests left behind: counts of their lines may come late. */
  private List<ILoggingEvent> linesOf(CutRedis redis) {
    return lines.stream()
        .filter(line -> line.getFormattedMessage().contains("127.0.0.1:" + redis.port()))
        .toList();
  }

  private static ConnectionSettings settings(String uri) {
    return new ConnectionSettings(RedisEndpoint.parse(uri), PATIENCE, 1_000);
  }

  /** After the first, pauses of at least 10, 20, 40, 80, 160, 320 and 500 ms, then 500 each. */
  @ParameterizedTest
  @CsvSource({"'', false", "garbage, false", "PING, false", "SET, false", "SET, true"})
  void aConnectionThatIsCut_isMadeAgainEverMoreSlowly_andLoggedOnce(String at, boolean answered)
      throws IOException {
    try (CutRedis redis = new CutRedis(at, answered)) {
      long start = System.nanoTime();
      try (RedisConnections connections =
          new RedisConnections(settings("redis://127.0.0.1:" + redis.port()))) {
        Await.until(() -> redis.accepted() >= 10);
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        assertTrue(millis >= 10 + 20 + 40 + 80 + 160 + 320 + 500 + 500 + 500, millis + " ms");
        List<ILoggingEvent> told = linesOf(redis);
        assertTrue(told.size() <= 2 * redis.accepted(), told::toString);
        if (!answered) {
          assertEquals(1, told.size(), told::toString);
          assertFalse(connections.connected());
          assertTrue(
              connections
                  .state()
                  .startsWith("redis://127.0.0.1:" + redis.port() + " is not connected: "),
              connections::state);
        }
      }
    }
  }

  @Test
  void aHostThatDoesNotSpeakTls_isTriedEverMoreSlowly_andLoggedOnce() throws IOException {
    try (CutRedis redis = new CutRedis(CutRedis.GARBAGE, false)) {
      long start = System.nanoTime();
      try (RedisConnections connections =
          new RedisConnections(settings("rediss://127.0.0.1:" + redis.port()))) {
        Await.until(() -> redis.accepted() >= 8);
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        assertTrue(millis >= 10 + 20 + 40 + 80 + 160 + 320 + 500, millis + " ms");
        assertFalse(connections.connected());
        assertEquals(1, linesOf(redis).size(), lines::toString);
      }
    }
  }

  @Test
  void aName_isLookedUpAgainForEachConnection() throws Exception {
    try (TestRedis own = TestRedis.ownProcess();
        NameServer names = new NameServer()) {
      int port = URI.create(own.uri()).getPort();
      try (RedisConnections connections =
          new RedisConnections(
              settings("redis://primary.test.:" + port),
              NameLookup.uncached(new SingletonDnsServerAddressStreamProvider(names.address())))) {
        Await.until(connections::connected);
        int before = names.asked();
        assertTrue(before >= 1);
        connections.met(
            new StoreException(StoreException.Kind.READ_ONLY, "a replica", null),
            connections.get());
        Await.until(connections::connected);
        assertTrue(names.asked() > before);
      }
    }
  }

  @Test
  void whoFindsNoConnection_isToldWhyThisOneIsGone() throws Exception {
    try (TestRedis own = TestRedis.ownProcess();
        RedisConnections connections = new RedisConnections(settings(own.uri()))) {
      AtomicInteger round = new AtomicInteger();
      List<String> wrong = new CopyOnWriteArrayList<>();
      Thread asker =
          new Thread(
              () -> {
                while (!Thread.currentThread().isInterrupted()) {
                  int begun = round.get();
                  try {
                    var unused = connections.get();
                  } catch (StoreException why) {
                    String told = String.valueOf(why.getMessage());
                    if (begun > 0 && (!told.matches("\\d+") || Integer.parseInt(told) < begun)) {
                      wrong.add("in round " + begun + ": " + told);
                    }
                  }
                }
              });
      Await.until(connections::connected);
      asker.start();
      for (int i = 1; i <= 20; i++) {
        StatefulRedisConnection<String, String> connection = connections.get();
        round.set(i);
        connections.met(
            new StoreException(StoreException.Kind.READ_ONLY, "" + i, null), connection);
        Await.until(connections::connected);
      }
      asker.interrupt();
      asker.join();
      assertEquals(List.of(), wrong);
    }
  }

  @Test
  void theWrongPassword_isSaidInTheState_andLoggedOnce() {
    try (TestRedis own = TestRedis.ownProcess();
        RedisConnections connections =
            new RedisConnections(
                settings("redis://nobody:secret@127.0.0.1:" + URI.create(own.uri()).getPort()))) {
      Await.until(() -> connections.state().contains("WRONGPASS"));
      assertFalse(connections.connected());
      assertTrue(
          connections.state().contains(" does not let the service in: WRONGPASS "),
          connections::state);
    }
  }
}
