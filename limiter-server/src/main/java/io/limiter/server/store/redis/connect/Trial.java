package io.limiter.server.store.redis.connect;

import io.lettuce.core.SetArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.limiter.server.store.endpoint.RedisEndpoint;
import io.limiter.server.store.endpoint.RedisPlace;
import java.util.concurrent.CompletionStage;

/** What a new connection has to do before it is used. */
@FunctionalInterface
interface Trial {
  /** Succeeds if Redis does it. */
  CompletionStage<?> on(StatefulRedisConnection<String, String> connection);

  /**
   * A write that writes nothing, since the key never exists; but only who may write may try. One of
   * a Cluster would only say where the key lies: that it lives is enough, as it says for each
   * question whether that is its own.
   */
  static Trial of(RedisEndpoint endpoint) {
    return endpoint.place() instanceof RedisPlace.Member
        ? connection -> connection.async().ping()
        : connection -> connection.async().set("limiter:{}!probe", "", SetArgs.Builder.xx().px(1));
  }
}
