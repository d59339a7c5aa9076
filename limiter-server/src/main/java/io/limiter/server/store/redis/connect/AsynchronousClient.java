package io.limiter.server.store.redis.connect;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.MaintNotificationsConfig;
import io.lettuce.core.RedisChannelWriter;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisReactiveCommandsImpl;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SslOptions;
import io.lettuce.core.StatefulRedisConnectionImpl;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.protocol.PushHandler;
import io.lettuce.core.pubsub.PubSubEndpoint;
import io.lettuce.core.pubsub.RedisPubSubReactiveCommandsImpl;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnectionImpl;
import io.lettuce.core.pubsub.api.sync.RedisPubSubCommands;
import io.lettuce.core.resource.ClientResources;
import io.limiter.server.store.endpoint.Tls;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A client whose connections can be asked asynchronously alone. Lettuce makes three faces of each
 * connection, and a proxy for all of Redis's commands for one of them: a fifth of a start.
 */
final class AsynchronousClient extends RedisClient {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);

  AsynchronousClient(ClientResources resources, ConnectionSettings settings) {
    super(resources, new RedisURI());
    setOptions(options(settings));
  }

  private static ClientOptions options(ConnectionSettings settings) {
    return ClientOptions.builder()
        .autoReconnect(false)
        .replayFilter(everyCommand -> true)
        .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
        .requestQueueSize(settings.mostCommands())
        .timeoutOptions(TimeoutOptions.enabled(settings.silence()))
        .sslOptions(trust(settings))
        .socketOptions(
            SocketOptions.builder().connectTimeout(CONNECT_TIMEOUT).keepAlive(true).build())
        .maintNotificationsConfig(MaintNotificationsConfig.disabled())
        .build();
  }

  /** A file is read anew for each connection, so that a CA may change. */
  private static SslOptions trust(ConnectionSettings settings) {
    SslOptions.Builder options = SslOptions.builder().jdkSslProvider();
    settings.endpoint().tls().flatMap(Tls::ca).ifPresent(pem -> options.trustManager(pem.toFile()));
    return options.build();
  }

  @Override
  protected <K, V> StatefulRedisConnectionImpl<K, V> newStatefulRedisConnection(
      RedisChannelWriter writer, PushHandler pushes, RedisCodec<K, V> codec, Duration timeout) {
    return new StatefulRedisConnectionImpl<>(writer, pushes, codec, timeout) {
      @Override
      protected @Nullable RedisCommands<K, V> newRedisSyncCommandsImpl() {
        return null;
      }

      @Override
      protected @Nullable RedisReactiveCommandsImpl<K, V> newRedisReactiveCommandsImpl() {
        return null;
      }
    };
  }

  @Override
  protected <K, V> StatefulRedisPubSubConnectionImpl<K, V> newStatefulRedisPubSubConnection(
      PubSubEndpoint<K, V> endpoint,
      RedisChannelWriter writer,
      RedisCodec<K, V> codec,
      Duration timeout) {
    return new StatefulRedisPubSubConnectionImpl<>(endpoint, writer, codec, timeout) {
      @Override
      protected @Nullable RedisPubSubCommands<K, V> newRedisSyncCommandsImpl() {
        return null;
      }

      @Override
      protected @Nullable RedisPubSubReactiveCommandsImpl<K, V> newRedisReactiveCommandsImpl() {
        return null;
      }
    };
  }
}
