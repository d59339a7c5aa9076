package io.limiter.jmh;

import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.async.RedisScriptingAsyncCommands;
import io.limiter.algorithm.Limit;
import io.limiter.script.DecideArguments;
import io.limiter.script.Scripts;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;

/**
 * One call of the {@code decide} script, ready to be sent again and again.
 *
 * @param keys its KEYS
 * @param arguments its ARGV
 */
@SuppressWarnings("ArrayRecordComponent") // handed to Lettuce as they are, never compared
record DecideCall(String[] keys, String[] arguments) {
  static final int KEYS = 100_000;

  /** Questions of one rule each and cost 1, about counters picked evenly out of {@link #KEYS}. */
  static DecideCall of(Limit limit, int questions, Random random) {
    return of(limit, random.ints(questions, 0, KEYS));
  }

  /** The same about the counters from {@code first} on. */
  static DecideCall of(Limit limit, int first, int questions) {
    return of(limit, IntStream.range(first, first + questions));
  }

  private static DecideCall of(Limit limit, IntStream users) {
    DecideArguments call = new DecideArguments(0);
    users.forEach(user -> call.plainQuestion(key(limit, user), limit, 1, 1));
    return new DecideCall(
        call.keys().toArray(String[]::new), call.arguments().toArray(String[]::new));
  }

  /** A key as the service writes it. */
  static String key(Limit limit, int user) {
    return "limiter:{edge|%08x}:per-user:%s:user-%06d"
        .formatted(user * 0x9E3779B9, limit.algorithm().letter(), user);
  }

  /** Sends it; the script must be loaded. The reply is the script's array. */
  CompletionStage<List<Object>> send(RedisScriptingAsyncCommands<String, String> redis) {
    return redis.evalsha(Scripts.STANDARD.decide().sha(), ScriptOutputType.MULTI, keys, arguments);
  }
}
