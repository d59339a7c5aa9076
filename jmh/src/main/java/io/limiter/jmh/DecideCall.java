package io.limiter.jmh;

import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.async.RedisScriptingAsyncCommands;
import io.lettuce.core.api.sync.RedisScriptingCommands;
import io.limiter.algorithm.Limit;
import io.limiter.script.DecideArguments;
import io.limiter.script.Reply;
import io.limiter.script.Run;
import io.limiter.script.Scripts;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;

/**
 * One call of the {@code decide} script, ready to be sent again and again.
 *
 * @param script the form of the script that it needs
 * @param keys its KEYS
 * @param arguments its ARGV
 * @param limit of each of its questions
 * @param times how often each counter is asked
 */
@SuppressWarnings("ArrayRecordComponent") // handed to Lettuce as they are, never compared
record DecideCall(
    Scripts.Script script, String[] keys, String[] arguments, Limit limit, int times) {
  static final int KEYS = 100_000;

  /** Questions of one rule each and cost 1, about counters picked evenly out of {@link #KEYS}. */
  static DecideCall of(Limit limit, int questions, Random random) {
    return of(limit, random.ints(questions, 0, KEYS), 1);
  }

  /** The same about the counters from {@code first} on. */
  static DecideCall of(Limit limit, int first, int questions) {
    return of(limit, IntStream.range(first, first + questions), 1);
  }

  /** The same about one counter only, asked so often in one place. */
  static DecideCall hot(Limit limit, int times) {
    return of(limit, IntStream.of(0), times);
  }

  private static DecideCall of(Limit limit, IntStream users, int times) {
    DecideArguments call = new DecideArguments(0);
    users.forEach(user -> call.plainQuestion(key(limit, user), limit, 1, times));
    return new DecideCall(
        Scripts.STANDARD.decide(call),
        call.keys().toArray(String[]::new),
        call.arguments().toArray(String[]::new),
        limit,
        times);
  }

  /** A key as the service writes it. */
  static String key(Limit limit, int user) {
    return "limiter:{edge|%08x}:per-user:%s:user-%06d"
        .formatted(user * 0x9E3779B9, limit.algorithm().letter(), user);
  }

  /** Has Redis load the form of the script that it needs. */
  void load(RedisScriptingCommands<String, String> redis) {
    redis.scriptLoad(script.source());
  }

  /** Sends it; the script must be loaded. The reply is the script's array. */
  CompletionStage<List<Object>> send(RedisScriptingAsyncCommands<String, String> redis) {
    return redis.evalsha(script.sha(), ScriptOutputType.MULTI, keys, arguments);
  }

  /** How many questions there are, those that are asked again counted each time. */
  int questions() {
    return keys.length * times;
  }

  /**
   * How many of the questions a reply admits.
   *
   * @throws IllegalStateException when it is no reply to this call
   */
  int admitted(List<Object> reply) {
    Reply read = new Reply();
    for (Object element : reply) {
      if (element instanceof Long number) {
        read.add(number);
      } else {
        read.add(String.valueOf(element));
      }
    }
    read.nextNumber(); // the time
    int admitted = 0;
    for (int i = 0; i < keys.length; i++) {
      if (!read.hasRun()) {
        throw new IllegalStateException(
            "%s is no decision, in %s".formatted(read.nextCode(), reply));
      }
      Run run = read.nextRun(limit, 1, times);
      for (int j = 0; j < times; j++) {
        admitted += run.outcome(j).admits() ? 1 : 0;
      }
    }
    if (!read.isRead()) {
      throw new IllegalStateException("there is more than was asked in " + reply);
    }
    return admitted;
  }
}
