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
import io.lettuce.core.resource.DefaultClientResources;
import io.lettuce.core.resource.NettyCustomizer;
import io.limiter.server.store.endpoint.Tls;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.resolver.AddressResolverGroup;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A client whose connections can be asked asynchronously alone. Lettuce makes three faces of each
 * connection, and a proxy for all of Redis's commands for one of them: a fifth of a start.
 */
final class AsynchronousClient extends RedisClient {
  /** How long a Sentinel may take to accept a connection, and to answer. */
  static final Duration SENTINEL_WAIT = Duration.ofMillis(500);

  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);

  /** For connections to Redis. */
  AsynchronousClient(ClientResources resources, ConnectionSettings settings) {
    this(resources, settings, CONNECT_TIMEOUT, settings.silence());
  }

  private AsynchronousClient(
      ClientResources resources, ConnectionSettings settings, Duration connect, Duration answer) {
    super(resources, new RedisURI());
    setOptions(options(settings, connect, answer));
  }

  /** For connections to Sentinels. */
  static AsynchronousClient toSentinels(ClientResources resources, ConnectionSettings settings) {
    return new AsynchronousClient(resources, settings, SENTINEL_WAIT, SENTINEL_WAIT);
  }

  /**
   * What clients share: one event loop for all connections.
   *
   * @param eventLoop told of it with each connection
   */
  static ClientResources resources(AddressResolverGroup<?> names, Consumer<EventLoop> eventLoop) {
    return DefaultClientResources.builder()
        .ioThreadPoolSize(1)
        .addressResolverGroup(names)
        .nettyCustomizer(
            new NettyCustomizer() {
              /** Netty's own choice, buffers of the event loop's own, is slower. */
              @Override
              public void afterBootstrapInitialized(Bootstrap bootstrap) {
                bootstrap.option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT);
              }

              @Override
              public void afterChannelInitialized(Channel channel) {
                eventLoop.accept(channel.eventLoop());
              }
            })
        .build();
  }

  private static ClientOptions options(
      ConnectionSettings settings, Duration connect, Duration answer) {
    return ClientOptions.builder()
        .autoReconnect(false)
        .replayFilter(everyCommand -> true)
        .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
        .requestQueueSize(settings.mostCommands())
        .timeoutOptions(TimeoutOptions.enabled(answer))
        .sslOptions(ssl(settings.endpoint().tls()))
        .socketOptions(SocketOptions.builder().connectTimeout(connect).keepAlive(true).build())
        .maintNotificationsConfig(MaintNotificationsConfig.disabled())
        .build();
  }

  /** Files are read anew for each connection, so that a CA and a certificate may change. */
  private static SslOptions ssl(Optional<Tls> tls) {
    SslOptions.Builder options = SslOptions.builder().jdkSslProvider();
    tls.flatMap(Tls::ca).ifPresent(pem -> options.trustManager(pem.toFile()));
    tls.flatMap(Tls::own)
        .ifPresent(
            own ->
                options.keyManager(
                    own.certificate().toFile(),
                    own.key().toFile(),
                    /* keyPassword= */ new char[0]));
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
