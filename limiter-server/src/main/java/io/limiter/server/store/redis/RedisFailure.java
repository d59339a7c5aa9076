package io.limiter.server.store.redis;

import io.lettuce.core.RedisBusyException;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisLoadingException;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.RedisReadOnlyException;
import io.limiter.server.fault.Cause;
import io.limiter.server.store.StoreException;
import io.limiter.server.store.StoreException.Kind;
import java.io.IOException;
import java.util.concurrent.CancellationException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a failure of Redis, or of the connection to it, is. Said here and nowhere else. */
enum RedisFailure {
  /** There is no connection, or it broke before the answer came. */
  NOT_CONNECTED(Kind.UNAVAILABLE),
  /** Redis is connected and silent. */
  TIMEOUT(Kind.UNAVAILABLE),
  /** It is a replica, maybe since a moment ago: the primary is somewhere else. */
  READ_ONLY(Kind.UNAVAILABLE),
  /** It reads its data from disk. */
  LOADING(Kind.UNAVAILABLE),
  /** It is full. */
  OUT_OF_MEMORY(Kind.UNAVAILABLE),
  /** The user or password is wrong, or the user may not do this. */
  NO_PERMISSION(Kind.UNAVAILABLE),
  /** It is up and does not write now, for another reason. */
  REFUSED(Kind.UNAVAILABLE),
  /** Something else is stored under a counter's key. */
  WRONG_TYPE(Kind.BUG),
  /** A fault of this program. */
  OURS(Kind.BUG);

  /**
   * Before 7.0 Redis put what a script met behind words of its own: {@code ERR Error running script
   * (...): ...: -OOM command not allowed}.
   */
  private static final Pattern CODE_IN_SCRIPT =
      Pattern.compile("^ERR Error running script .*: -([A-Z]+) ", Pattern.DOTALL);

  private final Kind kind;

  RedisFailure(Kind kind) {
    this.kind = kind;
  }

  /** Which one it is. */
  static RedisFailure of(Throwable thrown) {
    Throwable cause = Cause.of(thrown);
    if (cause instanceof StoreException known) {
      return known.kind() == Kind.UNAVAILABLE ? NOT_CONNECTED : OURS;
    }
    if (cause instanceof CancellationException || cause instanceof IOException) {
      return NOT_CONNECTED;
    }
    if (cause instanceof RedisCommandTimeoutException) {
      return TIMEOUT;
    }
    if (cause instanceof RedisReadOnlyException) {
      return READ_ONLY;
    }
    if (cause instanceof RedisLoadingException) {
      return LOADING;
    }
    if (cause instanceof RedisBusyException) {
      return REFUSED;
    }
    RedisFailure said = ofCode(code(String.valueOf(cause.getMessage())));
    if (cause instanceof RedisCommandExecutionException) {
      return said;
    }
    if (cause instanceof RedisException) {
      return said.kind == Kind.UNAVAILABLE ? said : NOT_CONNECTED;
    }
    return OURS;
  }

  private static RedisFailure ofCode(String code) {
    return switch (code) {
      case "READONLY" -> READ_ONLY;
      case "LOADING" -> LOADING;
      case "OOM" -> OUT_OF_MEMORY;
      case "NOAUTH", "NOPERM", "WRONGPASS" -> NO_PERMISSION;
      case "MASTERDOWN", "NOREPLICAS", "CLUSTERDOWN", "TRYAGAIN", "MISCONF", "BUSY" -> REFUSED;
      case "WRONGTYPE" -> WRONG_TYPE;
      default -> OURS;
    };
  }

  /** The code that an error begins with. */
  private static String code(String message) {
    Matcher inScript = CODE_IN_SCRIPT.matcher(message);
    return inScript.find() ? inScript.group(1) : message.split(" ", 2)[0];
  }

  /** The failure as callers are told of it. */
  static StoreException toStoreException(Throwable thrown) {
    Throwable cause = Cause.of(thrown);
    if (cause instanceof StoreException known) {
      return known;
    }
    if (cause instanceof CancellationException || cause instanceof IOException) {
      return new StoreException(
          Kind.UNAVAILABLE, "the connection to Redis broke before the answer came", cause);
    }
    Kind kind = of(cause).kind;
    String what =
        kind == Kind.UNAVAILABLE
            ? "Redis cannot be asked: "
            : cause instanceof RedisCommandExecutionException
                ? "Redis refused the script: "
                : "the answer of Redis cannot be used: ";
    return new StoreException(kind, what + cause.getMessage(), cause);
  }

  /** Whether Redis is connected and answers that it will not. */
  static boolean isRefusal(StoreException failure) {
    return failure.kind() == Kind.UNAVAILABLE
        && failure.getCause() instanceof RedisCommandExecutionException;
  }

  /** Whether nothing was run because this Redis does not know the script yet. */
  static boolean isUnknownScript(Throwable thrown) {
    return Cause.of(thrown) instanceof RedisNoScriptException;
  }
}
