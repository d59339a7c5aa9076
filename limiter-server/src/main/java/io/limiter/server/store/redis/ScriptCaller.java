package io.limiter.server.store.redis;

import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.protocol.CommandType;
import io.limiter.script.Reply;
import io.limiter.script.Scripts;
import io.limiter.server.fault.Cause;
import io.limiter.server.store.StoreException;
import io.limiter.server.store.redis.cluster.Redirect;
import io.limiter.server.store.redis.connect.RedisConnections;
import io.limiter.server.store.redis.connect.RedisFailure;
import io.limiter.server.store.redis.wire.ReplyOutput;
import io.limiter.server.store.redis.wire.ScriptArgs;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Calls scripts by their SHA. A Redis that was restarted or flushed does not know a script, and has
 * run nothing; it is then sent the source, once, and knows it from there on. Safe to call from any
 * thread.
 */
final class ScriptCaller {
  /** A way to call a script. Safe to use from any thread. */
  interface Calls {
    CompletionStage<Reply> call(Scripts.Script script, List<String> keys, List<String> arguments);
  }

  private final RedisConnections connections;

  ScriptCaller(RedisConnections connections) {
    this.connections = connections;
  }

  /** Calls a script. The stage fails with a {@link StoreException}. */
  CompletionStage<Reply> call(Scripts.Script script, List<String> keys, List<String> arguments) {
    StatefulRedisConnection<String, String> connection;
    try {
      connection = connections.get();
    } catch (RuntimeException notConnected) {
      return CompletableFuture.failedStage(notConnected);
    }
    return send(connection, CommandType.EVALSHA, script.sha(), keys, arguments)
        .exceptionallyCompose(
            failure ->
                RedisFailure.isUnknownScript(failure)
                    ? send(connection, CommandType.EVAL, script.source(), keys, arguments)
                    : CompletableFuture.failedStage(failure))
        .exceptionallyCompose(failure -> CompletableFuture.failedStage(met(failure, connection)));
  }

  /**
   * Calls a script at a member of a Cluster to which a slot is on its way. By its source: the
   * member may not know it, and takes the word for one command.
   */
  CompletionStage<Reply> asking(Scripts.Script script, List<String> keys, List<String> arguments) {
    StatefulRedisConnection<String, String> connection;
    try {
      connection = connections.get();
      var unused = connection.async().asking();
    } catch (RuntimeException notConnected) {
      return CompletableFuture.failedStage(notConnected);
    }
    return send(connection, CommandType.EVAL, script.source(), keys, arguments)
        .exceptionallyCompose(failure -> CompletableFuture.failedStage(met(failure, connection)));
  }

  /** Which members of a Cluster hold which slots, as {@code CLUSTER SLOTS} says. */
  CompletionStage<List<Object>> slots() {
    StatefulRedisConnection<String, String> connection;
    try {
      connection = connections.get();
    } catch (RuntimeException notConnected) {
      return CompletableFuture.failedStage(notConnected);
    }
    return connection
        .async()
        .clusterSlots()
        .exceptionallyCompose(failure -> CompletableFuture.failedStage(met(failure, connection)));
  }

  private StoreException met(
      Throwable failure, StatefulRedisConnection<String, String> connection) {
    StoreException known = RedisFailure.of(failure, connections.address());
    if (Redirect.of(String.valueOf(Cause.of(failure).getMessage())).isEmpty()) {
      connections.met(known, connection);
    }
    return known;
  }

  /**
   * What an error is that Redis answered within a script, and that the script passed on.
   *
   * @param said its text
   */
  StoreException refused(String said) {
    StoreException known = RedisFailure.inScript(said, connections.address());
    connections.refused(known);
    return known;
  }

  /**
   * Has Redis load scripts, so that the first that calls one need not wait for that. The stage is
   * complete when it is over; what could not be loaded is sent when it is called.
   */
  CompletionStage<Void> load(List<Scripts.Script> all) {
    try {
      RedisClusterAsyncCommands<String, String> redis = connections.get().async();
      return CompletableFuture.allOf(
              all.stream()
                  .map(script -> redis.scriptLoad(script.source()).toCompletableFuture())
                  .toArray(CompletableFuture<?>[]::new))
          .exceptionally(refused -> null);
    } catch (RuntimeException notConnected) {
      return CompletableFuture.completedStage(null);
    }
  }

  private static CompletionStage<Reply> send(
      StatefulRedisConnection<String, String> connection,
      CommandType command,
      String script,
      List<String> keys,
      List<String> arguments) {
    RedisClusterAsyncCommands<String, String> redis = connection.async();
    try {
      return redis.dispatch(command, new ReplyOutput(), new ScriptArgs(script, keys, arguments));
    } catch (RuntimeException refused) {
      return CompletableFuture.failedStage(refused);
    }
  }
}
