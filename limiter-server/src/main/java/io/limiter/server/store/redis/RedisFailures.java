package io.limiter.server.store.redis;

import io.lettuce.core.RedisBusyException;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisLoadingException;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.RedisReadOnlyException;
import io.limiter.server.store.StoreException;
import io.limiter.server.store.StoreException.Kind;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;

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

  private RedisFailures() {}

  static StoreException classify(Throwable thrown) {
    Throwable cause = unwrap(thrown);
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
            || REFUSALS.contains(message.split(" ", 2)[0]);
    if (cause instanceof RedisCommandExecutionException && !refusal) {
      return new StoreException(Kind.BUG, "Redis refused the script: " + message, cause);
    }
    if (cause instanceof RedisException) {
      return new StoreException(Kind.UNAVAILABLE, "Redis cannot be asked: " + message, cause);
    }
    return new StoreException(Kind.BUG, "the answer of Redis cannot be used: " + message, cause);
  }

  /** Whether nothing was run because this Redis does not know the script yet. */
  static boolean isUnknownScript(Throwable thrown) {
    return unwrap(thrown) instanceof RedisNoScriptException;
  }

  static Throwable unwrap(Throwable thrown) {
    return thrown instanceof CompletionException && thrown.getCause() != null
        ? thrown.getCause()
        : thrown;
  }
}
