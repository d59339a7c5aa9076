package io.limiter.server.store.redis.connect;

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
import io.limiter.server.store.endpoint.ConnectFailure;
import java.io.IOException;
import java.util.concurrent.CancellationException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a failure of Redis, or of the connection to it, is. Said here and nowhere else.
 *
 * <p>Redis says what a script met inside in other words than outside, and each version in its own.
 * Before 7.0 it is {@code ERR Error running script (...): @user_script:1: -OOM command not
 * allowed}; since then {@code OOM command not allowed script: <sha>, on @user_script:1.}. A command
 * that the user may not run has no code of its own there.
 */
public final class RedisFailure {
  private static final int MOST_CHARACTERS = 200;

  /** What stands before an error from within a script. */
  private static final Pattern BEFORE =
      Pattern.compile(
          "^(?:ERR Error running script .*?)?(?:@user_script: ?[0-9]+: )+-?", Pattern.DOTALL);

  /** What stands behind one. */
  private static final Pattern BEHIND =
      Pattern.compile(" script: [0-9a-f]{40}, on @user_script:[0-9]+\\.?\\s*$");

  /** A command that the user may not run: up to 7.0, and since. */
  private static final Pattern DENIED_IN_SCRIPT =
      Pattern.compile("^(?:ERR )?(?:The user executing the script |ACL failure in script: )");

  /** What a member of a Cluster does not do for a script: up to 6.2, and since. */
  private static final Pattern CLUSTER_IN_SCRIPT =
      Pattern.compile("^(?:ERR )?(?:Lua script|Script) attempted to ");

  private static final Pattern UNKNOWN_COMMAND =
      Pattern.compile("^(?:ERR )?[Uu]nknown (?:Redis )?command ");

  private RedisFailure() {}

  /**
   * The failure, with what the log and callers are told.
   *
   * @param address where Redis is, without user and password
   */
  public static StoreException of(Throwable thrown, String address) {
    Throwable cause = Cause.of(thrown);
    if (cause instanceof StoreException known) {
      return known;
    }
    Throwable root = root(cause);
    if (root instanceof RedisReadOnlyException) {
      return failure(Kind.READ_ONLY, address, said(root), cause);
    }
    if (root instanceof RedisLoadingException) {
      return failure(Kind.LOADING, address, said(root), cause);
    }
    if (root instanceof RedisBusyException) {
      return failure(Kind.BUSY, address, said(root), cause);
    }
    if (root instanceof RedisCommandExecutionException) {
      return of(said(root), address, cause);
    }
    if (root instanceof RedisCommandTimeoutException) {
      return failure(Kind.TIMEOUT, address, said(root), cause);
    }
    if (cause instanceof CancellationException || cause instanceof IOException) {
      return new StoreException(
          Kind.UNAVAILABLE, address + ": the connection broke before the answer came", cause);
    }
    return cause instanceof RedisException
        ? failure(Kind.UNAVAILABLE, address, said(root), cause)
        : failure(Kind.INTERNAL, address, String.valueOf(cause), cause);
  }

  /**
   * What Redis answered within a script, as an error that the script passed on.
   *
   * @param said its text
   */
  public static StoreException inScript(String said, String address) {
    return of(said, address, null);
  }

  private static StoreException of(String text, String address, @Nullable Throwable cause) {
    String said = outsideScript(text);
    return failure(kind(said), address, said, cause);
  }

  /** What Redis would have said outside a script. */
  private static String outsideScript(String text) {
    String said = BEHIND.matcher(text).replaceFirst("");
    Matcher before = BEFORE.matcher(said);
    return before.find() ? said.substring(before.end()) : said;
  }

  private static Kind kind(String said) {
    if (DENIED_IN_SCRIPT.matcher(said).find()) {
      return Kind.NO_PERMISSION;
    }
    if (UNKNOWN_COMMAND.matcher(said).find() || CLUSTER_IN_SCRIPT.matcher(said).find()) {
      return Kind.REFUSED;
    }
    return switch (said.split("[ :]", 2)[0]) {
      case "READONLY" -> Kind.READ_ONLY;
      case "LOADING" -> Kind.LOADING;
      case "OOM" -> Kind.OUT_OF_MEMORY;
      case "NOAUTH", "NOPERM", "WRONGPASS", "DENIED" -> Kind.NO_PERMISSION;
      case "BUSY" -> Kind.BUSY;
      case "MISCONF",
          "NOREPLICAS",
          "MASTERDOWN",
          "CLUSTERDOWN",
          "TRYAGAIN",
          "MOVED",
          "ASK",
          "CROSSSLOT" ->
          Kind.REFUSED;
      case "WRONGTYPE" -> Kind.UNREADABLE;
      // Redis says in plain words that it wants a password, or another one.
      default -> ConnectFailure.remedy(said).isPresent() ? Kind.NO_PERMISSION : Kind.INTERNAL;
    };
  }

  private static StoreException failure(
      Kind kind, String address, String said, @Nullable Throwable cause) {
    String what =
        said.length() <= MOST_CHARACTERS ? said : said.substring(0, MOST_CHARACTERS) + "...";
    return new StoreException(kind, sentence(kind, said).formatted(address, what), cause);
  }

  /** What is wrong and what to do: the address goes first, then what Redis or the network said. */
  private static String sentence(Kind kind, String said) {
    return switch (kind) {
      case TIMEOUT -> "%s did not answer: %s; look for what slows it down";
      case UNAVAILABLE -> "%s is not connected: %s" + remedy(said, "");
      case READ_ONLY ->
          "%s is a read-only replica: %s; its name is looked up again, have it name the primary";
      case OUT_OF_MEMORY -> "%s is full: %s; raise its maxmemory";
      case LOADING -> "%s is loading its data: %s";
      case NO_PERMISSION ->
          said.startsWith("NOPERM") || DENIED_IN_SCRIPT.matcher(said).find()
              ? "%s denies its user a command or key: %s; grant what docs/operation.md lists"
              : "%s does not let the service in: %s" + remedy(said, "; correct user and password");
      case BUSY -> "%s is busy with another script: %s";
      case REFUSED -> "%s refuses: %s";
      case UNREADABLE -> "%s holds something else in the place of a counter: %s";
      case OVERLOADED -> "%s has too many questions waiting: %s";
      case INTERNAL -> "what %s answered cannot be used: %s";
    };
  }

  private static String remedy(String said, String otherwise) {
    return ConnectFailure.remedy(said).map("; "::concat).orElse(otherwise);
  }

  /** Whether Redis is connected and answers that it will not. */
  public static boolean isRefusal(StoreException failure) {
    return switch (failure.kind()) {
      case READ_ONLY, OUT_OF_MEMORY, LOADING, NO_PERMISSION, BUSY, REFUSED -> true;
      case TIMEOUT, UNAVAILABLE, OVERLOADED, UNREADABLE, INTERNAL -> false;
    };
  }

  /** Whether nothing was run because this Redis does not know the script yet. */
  public static boolean isUnknownScript(Throwable thrown) {
    return Cause.of(thrown) instanceof RedisNoScriptException;
  }

  private static Throwable root(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }

  private static String said(Throwable failure) {
    String message = failure.getMessage();
    return message == null || message.isBlank()
        ? failure.getClass().getSimpleName()
        : outsideScript(message);
  }
}
