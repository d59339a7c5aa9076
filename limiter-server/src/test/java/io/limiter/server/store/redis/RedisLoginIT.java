package io.limiter.server.store.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lettuce.core.KillArgs;
import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Limit;
import io.limiter.server.store.endpoint.Credentials;
import io.limiter.server.store.endpoint.RedisEndpoint;
import io.limiter.testing.TestRedis;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How the service gets into a Redis that does not let everybody in. */
@Timeout(120)
class RedisLoginIT {
  private static final Limit LIMIT = FixedWindow.per(366 * 86_400_000_000L, 5);
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  @TempDir Path temp;

  private static RedisCounterStore store(RedisEndpoint endpoint) {
    return RedisCounterStore.connect(RedisSettings.of(endpoint, DEADLINE), StoreListener.NONE);
  }

  private static void assertAnswers(RedisCounterStore store) {
    StoreOnRedis.await(
        () ->
            store
                .decide(StoreOnRedis.charge("k", LIMIT, 0))
                .handle((answer, failed) -> failed == null)
                .toCompletableFuture()
                .join());
  }

  private static void awaitFailure(RedisCounterStore store, String why) {
    StoreOnRedis.await(() -> failure(store).contains(why));
    assertTrue(failure(store).contains(why), () -> failure(store));
  }

  private static String failure(RedisCounterStore store) {
    CompletionException failed =
        assertThrows(
            CompletionException.class,
            () -> store.decide(StoreOnRedis.charge("k", LIMIT, 0)).toCompletableFuture().join());
    return String.valueOf(failed.getMessage());
  }

  @Test
  void aRotatedPassword_isReadForTheNextConnection_whateverItHolds() throws IOException {
    Path file = Files.writeString(temp.resolve("password"), "o@n#e/ %:?\n");
    try (TestRedis own = TestRedis.ownProcess();
        StoreOnRedis open = new StoreOnRedis(own)) {
      open.redis().configSet("requirepass", "o@n#e/ %:?");
      Credentials files = new Credentials.Files(Optional.empty(), null, file);
      RedisEndpoint endpoint = RedisEndpoint.parse(own.uri()).with(files);
      try (RedisCounterStore store = store(endpoint)) {
        assertAnswers(store);
        open.redis().configSet("requirepass", "two");
        Files.writeString(file, "two");
        open.redis().clientKill(KillArgs.Builder.skipme());
        assertAnswers(store);
      }
    }
  }

  @Test
  void aUserInAFile_isLoggedIn() throws IOException {
    Path user = Files.writeString(temp.resolve("user"), "limiter\n");
    Path password = Files.writeString(temp.resolve("password"), "p\n");
    try (TestRedis own = TestRedis.ownProcess();
        StoreOnRedis open = new StoreOnRedis(own)) {
      open.redis().configSet("requirepass", "another");
      open.redis()
          .dispatch(
              io.lettuce.core.protocol.CommandType.ACL,
              new io.lettuce.core.output.StatusOutput<>(
                  io.lettuce.core.codec.ByteArrayCodec.INSTANCE),
              new io.lettuce.core.protocol.CommandArgs<>(
                      io.lettuce.core.codec.ByteArrayCodec.INSTANCE)
                  .add("SETUSER")
                  .add("limiter")
                  .add("on")
                  .add(">p")
                  .add("~*")
                  .add("+@all"));
      Credentials files = new Credentials.Files(Optional.empty(), user, password);
      try (RedisCounterStore store = store(RedisEndpoint.parse(own.uri()).with(files))) {
        assertAnswers(store);
      }
    }
  }

  @Test
  void aRedisThatWantsAPassword_isAnsweredWithWhatToSet() {
    try (TestRedis own = TestRedis.ownProcess();
        StoreOnRedis open = new StoreOnRedis(own)) {
      open.redis().configSet("requirepass", "s3cret");
      try (RedisCounterStore store = store(RedisEndpoint.parse(own.uri()))) {
        awaitFailure(
            store,
            "it wants a password: put one into a file and name that with --redis-password-file,"
                + " or write redis://:PASSWORD@HOST");
      }
      int port = URI.create(own.uri()).getPort();
      try (RedisCounterStore store =
          store(RedisEndpoint.parse("redis://:wr0ng@127.0.0.1:" + port))) {
        awaitFailure(store, "correct --redis, or the file of --redis-password-file");
        assertEquals(-1, failure(store).indexOf("wr0ng"));
      }
    }
  }

  @Test
  void aPasswordFileThatWentAway_isNamed() throws IOException {
    Path file = Files.writeString(temp.resolve("password"), "p");
    Credentials files = new Credentials.Files(Optional.empty(), null, file);
    try (TestRedis own = TestRedis.ownProcess()) {
      Files.delete(file);
      try (RedisCounterStore store = store(RedisEndpoint.parse(own.uri()).with(files))) {
        awaitFailure(store, "the file of Redis's password, %s, is not there".formatted(file));
        // This Redis has no password, and takes any.
        Files.writeString(file, "p");
        assertAnswers(store);
      }
    }
  }
}
