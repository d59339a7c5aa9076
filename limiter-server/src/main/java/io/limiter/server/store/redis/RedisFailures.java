package io.limiter.server.store.redis;

import io.lettuce.core.RedisBusyException;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisLoadingException;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.RedisReadOnlyException;
import io.limiter.server.fault.Cause;
import io.limiter.server.store.StoreException;
import io.limiter.server.store.StoreException.Kind;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Says once what a failure of Redis or of the connection to it means. */
final class RedisFailures {
  /** Error codes of a Redis that is up and will not or cannot do writes now. */
  private static final Set<String> REFUSALS =
      Set.of(
          "OOM",
          "MASTERDOWN",
          "NOREPLICAS",
          "CLUSTERDOWN",
          "TRYAGAIN",
          "MISCONF",
          "LOADING",
          "BUSY",
          "READONLY",
          "NOAUTH",
          "NOPERM",
          "WRONGPASS");

  private static final Pattern CODE_IN_SCRIPT =
      Pattern.compile("^ERR Error running script .*: -([A-Z]+) ", Pattern.DOTALL);

  private RedisFailures() {}

  static StoreException classify(Throwable thrown) {
    Throwable cause = Cause.of(thrown);
    if (cause instanceof StoreException known) {
      return known;
    }
    if (cause instanceof CancellationException || cause instanceof IOException) {
      return new StoreException(
          Kind.UNAVAILABLE, "the connection to Redis broke before the answer came", cause);
    }
    String message = String.valueOf(cause.getMessage());
    boolean refusal =
        cause instanceof RedisLoadingException
            || cause instanceof RedisReadOnlyException
            || cause instanceof RedisBusyException
            || REFUSALS.contains(code(message));
    if (cause instanceof RedisCommandExecutionException && !refusal) {
      return new StoreException(Kind.BUG, "Redis refused the script: " + message, cause);
    }
    if (cause instanceof RedisException) {
      return new StoreException(Kind.UNAVAILABLE, "Redis cannot be asked: " + message, cause);
    }
    return new StoreException(Kind.BUG, "the answer of Redis cannot be used: " + message, cause);
  }

  /**
   * The code that an error begins with. Before 7.0 Redis put what a script met behind words of its
   * own: {@code ERR Error running script (...): ...: -OOM command not allowed}.
   */
  private static String code(String message) {
    Matcher inScript = CODE_IN_SCRIPT.matcher(message);
    return inScript.find() ? inScript.group(1) : message.split(" ", 2)[0];
  }

  /** Whether nothing was run because this Redis does not know the script yet. */
  static boolean isUnknownScript(Throwable thrown) {
    return Cause.of(thrown) instanceof RedisNoScriptException;
  }
}
