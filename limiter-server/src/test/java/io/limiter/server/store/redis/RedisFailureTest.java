package io.limiter.server.store.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisLoadingException;
import io.lettuce.core.RedisReadOnlyException;
import io.limiter.server.store.StoreException;
import io.limiter.server.store.StoreException.Kind;
import java.io.IOException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** What a failure is, and what callers are told of it. */
class RedisFailureTest {
  private static void assertIs(RedisFailure failure, Kind kind, String message, Throwable thrown) {
    assertEquals(failure, RedisFailure.of(new CompletionException(thrown)));
    StoreException told = RedisFailure.toStoreException(thrown);
    assertEquals(kind + " " + message, told.kind() + " " + told.getMessage());
  }

  private static void assertSays(RedisFailure failure, Kind kind, String prefix, String said) {
    assertIs(failure, kind, prefix + said, new RedisCommandExecutionException(said));
  }

  @Test
  void whatRedisSays_isToldByItsCode() {
    String away = "Redis cannot be asked: ";
    assertSays(RedisFailure.READ_ONLY, Kind.UNAVAILABLE, away, "READONLY You can't write");
    assertSays(RedisFailure.LOADING, Kind.UNAVAILABLE, away, "LOADING Redis is loading");
    assertSays(RedisFailure.OUT_OF_MEMORY, Kind.UNAVAILABLE, away, "OOM command not allowed");
    assertSays(RedisFailure.NO_PERMISSION, Kind.UNAVAILABLE, away, "NOPERM this user");
    assertSays(RedisFailure.NO_PERMISSION, Kind.UNAVAILABLE, away, "NOAUTH Authentication");
    assertSays(RedisFailure.REFUSED, Kind.UNAVAILABLE, away, "CLUSTERDOWN The cluster is down");
    String refused = "Redis refused the script: ";
    assertSays(RedisFailure.WRONG_TYPE, Kind.BUG, refused, "WRONGTYPE Operation against a key");
    assertSays(RedisFailure.OURS, Kind.BUG, refused, "ERR wrong number of arguments");
  }

  @Test
  void aCodeFromInsideAScript_isFound_asRedisBefore7WritesIt() {
    assertSays(
        RedisFailure.READ_ONLY,
        Kind.UNAVAILABLE,
        "Redis cannot be asked: ",
        "ERR Error running script (call to f_1): @user_script:1: @user_script: 1:"
            + " -READONLY You can't write against a read only replica.");
  }

  @Test
  void whatLettuceSays_isToldByItsType() {
    String away = "Redis cannot be asked: ";
    assertIs(
        RedisFailure.READ_ONLY,
        Kind.UNAVAILABLE,
        away + "replica",
        new RedisReadOnlyException("replica"));
    assertIs(
        RedisFailure.LOADING,
        Kind.UNAVAILABLE,
        away + "loading",
        new RedisLoadingException("loading"));
    assertIs(
        RedisFailure.TIMEOUT,
        Kind.UNAVAILABLE,
        away + "late",
        new RedisCommandTimeoutException("late"));
    assertIs(
        RedisFailure.NOT_CONNECTED, Kind.UNAVAILABLE, away + "gone", new RedisException("gone"));
    String broke = "the connection to Redis broke before the answer came";
    assertIs(RedisFailure.NOT_CONNECTED, Kind.UNAVAILABLE, broke, new IOException("reset"));
    assertIs(RedisFailure.NOT_CONNECTED, Kind.UNAVAILABLE, broke, new CancellationException());
    assertIs(
        RedisFailure.OURS,
        Kind.BUG,
        "the answer of Redis cannot be used: short",
        new IllegalStateException("short"));
  }
}
