package io.limiter.server.store.redis.connect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lettuce.core.RedisBusyException;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.RedisConnectionException;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisLoadingException;
import io.lettuce.core.RedisReadOnlyException;
import io.limiter.server.store.StoreException;
import io.limiter.server.store.StoreException.Kind;
import java.io.IOException;
import java.net.ConnectException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a failure is, and what the log is told of it. */
class RedisFailureTest {
  private static final String HERE = "redis://here:1";
  private static final String SHA = "d3c21d0c2b9ca22f82737626a27bcaf5d288f99f";

  private static void assertIs(Kind kind, String message, Throwable thrown) {
    StoreException told = RedisFailure.of(new CompletionException(thrown), HERE);
    assertEquals(kind + " " + message, told.kind() + " " + told.getMessage());
  }

  private static StoreException said(String text) {
    return RedisFailure.of(new RedisCommandExecutionException(text), HERE);
  }

  @ParameterizedTest
  @CsvSource({
    "READ_ONLY, READONLY You can't write against a read only replica.",
    "LOADING, LOADING Redis is loading the dataset in memory",
    "OUT_OF_MEMORY, OOM command not allowed when used memory > 'maxmemory'.",
    "NO_PERMISSION, NOPERM this user has no permissions to run the 'eval' command",
    "NO_PERMISSION, NOAUTH Authentication required.",
    "NO_PERMISSION, WRONGPASS invalid username-password pair or user is disabled.",
    "BUSY, BUSY Redis is busy running a script. You can only call SCRIPT KILL",
    "REFUSED, MISCONF Errors writing to the AOF file",
    "REFUSED, CLUSTERDOWN The cluster is down",
    "REFUSED, MOVED 3999 127.0.0.1:6381",
    "REFUSED, 'ERR unknown command `EVALSHA`, with args'",
    "UNREADABLE, WRONGTYPE Operation against a key holding the wrong kind of value",
    "INTERNAL, ERR wrong number of arguments",
  })
  void whatRedisSays_isTheSame_outsideAScriptAndInside_inTheWordsOfEveryVersion(
      Kind kind, String text) {
    assertEquals(kind, said(text).kind());
    assertEquals(kind, said(text + " script: " + SHA + ", on @user_script:1.").kind());
    String before7 = "ERR Error running script (call to f_" + SHA + "): @user_script:1: ";
    assertEquals(kind, said(before7 + "@user_script: 1: -" + text).kind());
    assertEquals(kind, said(before7 + text).kind());
    assertEquals(kind, RedisFailure.inScript(text, HERE).kind());
    assertEquals(said(text).getMessage(), said(before7 + "@user_script: 1: -" + text).getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "ERR The user executing the script can't run this command or subcommand",
    "The user executing the script can't run this command or subcommand",
    "ERR ACL failure in script: User u has no permissions to run the 'get' command",
  })
  void aCommandThatTheUserMayNotRun_hasNoCodeInsideAScript(String text) {
    assertEquals(Kind.NO_PERMISSION, said(text).kind());
    assertEquals(
        HERE
            + " denies its user a command or key: "
            + text
            + "; grant what docs/operation.md lists",
        said(text + " script: " + SHA + ", on @user_script:1.").getMessage());
    assertEquals(
        Kind.NO_PERMISSION, RedisFailure.inScript("@user_script: 1: " + text, HERE).kind());
  }

  @Test
  void noMessage_advisesToDelete() {
    for (String code : new String[] {"NOPERM", "WRONGTYPE", "READONLY", "OOM", "ERR", "MISCONF"}) {
      assertFalse(said(code + " no").getMessage().contains("delete"), code);
    }
  }

  @Test
  void whatLettuceSays_isToldByItsType() {
    assertIs(
        Kind.READ_ONLY,
        HERE
            + " is a read-only replica: replica; its name is looked up again,"
            + " have it name the primary",
        new RedisReadOnlyException("replica"));
    assertIs(
        Kind.BUSY,
        HERE + " is busy with another script: BUSY no",
        new RedisBusyException("BUSY no script: " + SHA + ", on @user_script:55."));
    assertIs(Kind.LOADING, HERE + " is loading its data: wait", new RedisLoadingException("wait"));
    assertIs(Kind.BUSY, HERE + " is busy with another script: no", new RedisBusyException("no"));
    assertIs(
        Kind.TIMEOUT,
        HERE + " did not answer: late; look for what slows it down",
        new RedisCommandTimeoutException("late"));
    assertIs(Kind.UNAVAILABLE, HERE + " is not connected: gone", new RedisException("gone"));
    assertIs(
        Kind.UNAVAILABLE,
        HERE + " is not connected: Connection refused",
        new RedisConnectionException("x", new ConnectException("Connection refused")));
    assertIs(
        Kind.NO_PERMISSION,
        HERE
            + " does not let the service in: WRONGPASS no; correct --redis, or the file of"
            + " --redis-password-file",
        new RedisConnectionException("x", new RedisCommandExecutionException("WRONGPASS no")));
    String broke = HERE + ": the connection broke before the answer came";
    assertIs(Kind.UNAVAILABLE, broke, new IOException("reset"));
    assertIs(Kind.UNAVAILABLE, broke, new CancellationException());
    assertIs(
        Kind.INTERNAL,
        "what " + HERE + " answered cannot be used: java.lang.IllegalStateException: short",
        new IllegalStateException("short"));
  }

  @Test
  void whatIsKnownAlready_staysWhatItIs() {
    StoreException known = new StoreException(Kind.OVERLOADED, "full", null);
    assertSame(known, RedisFailure.of(new CompletionException(known), HERE));
  }

  @Test
  void whatRedisSays_isCutShort() {
    assertTrue(said("OOM " + "x".repeat(10_000)).getMessage().length() < 300);
  }
}
