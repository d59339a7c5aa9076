package io.limiter.server.store.redis;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.MaintNotificationsConfig;
import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisChannelWriter;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.RedisReactiveCommandsImpl;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SslOptions;
import io.lettuce.core.StatefulRedisConnectionImpl;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.protocol.PushHandler;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import io.lettuce.core.resource.NettyCustomizer;
import io.limiter.server.store.StoreException;
import io.limiter.server.store.endpoint.ConnectFailure;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.resolver.AddressResolverGroup;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one connection to Redis and makes a new one when it breaks. At most one connection or one
 * attempt to make one exists at a time. Never blocks; safe to call from any thread.
 *
 * <p>A command must not run twice. Lettuce's own reconnection sends again what was in flight, so it
 * is off: when a connection breaks, its commands fail at once, and a new connection starts empty.
 */
final class RedisConnections implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RedisConnections.class);
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);

  private final RedisSettings settings;
  private final ClientResources resources;
  private final RedisClient client;
  private final AtomicReference<@Nullable StatefulRedisConnection<String, String>> current =
      new AtomicReference<>();
  private volatile boolean closed;

  /** All connections have one event loop. */
  private volatile @Nullable EventLoop eventLoop;

  private volatile String lastTrouble = "not connected yet";
  private boolean troubleLogged;
  private boolean connectedLogged;
  private final RefusalLog refusals;
  private final Backoff backoff = new Backoff(System::nanoTime);

  RedisConnections(RedisSettings settings) {
    this(settings, NameLookup.uncached());
  }

  RedisConnections(RedisSettings settings, AddressResolverGroup<?> names) {
    this.settings = settings;
    refusals = new RefusalLog(settings.address(), System::nanoTime);
    resources =
        DefaultClientResources.builder()
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
                    eventLoop = channel.eventLoop();
                  }
                })
            .build();
    client = new AsynchronousClient(resources);
    client.setOptions(options(settings));
    connect();
  }

  private static ClientOptions options(RedisSettings settings) {
    return ClientOptions.builder()
        .autoReconnect(false)
        .replayFilter(everyCommand -> true)
        .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
        .requestQueueSize(mostCommands(settings))
        .timeoutOptions(TimeoutOptions.enabled(settings.silence()))
        .sslOptions(trust(settings))
        .socketOptions(
            SocketOptions.builder().connectTimeout(CONNECT_TIMEOUT).keepAlive(true).build())
        .maintNotificationsConfig(MaintNotificationsConfig.disabled())
        .build();
  }

  /** A file is read anew for each connection, so that a CA may change. */
  private static SslOptions trust(RedisSettings settings) {
    SslOptions.Builder options = SslOptions.builder().jdkSslProvider();
    settings.ca().ifPresent(pem -> options.trustManager(pem.toFile()));
    return options.build();
  }

  /** More than the store ever has under way: it refuses first, and says that it is overload. */
  private static int mostCommands(RedisSettings settings) {
    return settings.batchesInFlight() * settings.batchSize() + settings.queueSize() + 64;
  }

  /**
   * The connection to ask on.
   *
   * @throws StoreException when there is none at the moment
   */
  StatefulRedisConnection<String, String> get() {
    StatefulRedisConnection<String, String> connection = current.get();
    if (connection == null) {
      throw new StoreException(
          StoreException.Kind.UNAVAILABLE,
          "Redis at %s cannot be asked: %s".formatted(settings.address(), lastTrouble),
          null);
    }
    return connection;
  }

  boolean connected() {
    return current.get() != null;
  }

  /** Runs a task soon: on the connections' event loop, once there was one, or right here. */
  void execute(Runnable task) {
    EventLoop connections = eventLoop;
    if (connections != null && !closed) {
      try {
        connections.execute(task);
        return;
      } catch (RejectedExecutionException ended) {
        // It ends with the client: nothing can be sent any more, which the task finds out.
      }
    }
    task.run();
  }

  /** Gives up a connection that no longer answers, and makes a new one at once. */
  void drop(StatefulRedisConnection<String, String> connection, String why) {
    if (current.compareAndSet(connection, null)) {
      trouble(why);
      var unused = connection.closeAsync();
      connectIn(backoff.brokenMillis());
    }
  }

  /**
   * Gives up a connection to a read-only replica. A new one may lead to the primary, since the name
   * is looked up again. If it leads to the replica once more, the next is made after a pause.
   */
  void dropReadOnly(StatefulRedisConnection<String, String> connection) {
    if (current.compareAndSet(connection, null)) {
      lastTrouble = "it is a read-only replica";
      var unused = connection.closeAsync();
      connectIn(backoff.readOnlyMillis());
    }
  }

  /** Notes that Redis answers, and with a refusal. */
  void refused(StoreException refusal) {
    refusals.add(refusal);
  }

  private void connectIn(long millis) {
    if (millis == 0) {
      connect();
    } else if (!closed) {
      var unused =
          resources.eventExecutorGroup().schedule(this::connect, millis, TimeUnit.MILLISECONDS);
    }
  }

  private void connect() {
    if (closed) {
      return;
    }
    RedisURI uri;
    try {
      uri = settings.uriNow();
    } catch (IOException e) {
      trouble(String.valueOf(e.getMessage()));
      connectIn(backoff.failedMillis());
      return;
    }
    var unused =
        client
            .connectAsync(StringCodec.UTF8, uri)
            .whenComplete(
                (connection, failure) -> {
                  if (failure == null) {
                    use(connection);
                  } else {
                    trouble(ConnectFailure.text(rootMessage(failure)));
                    connectIn(backoff.failedMillis());
                  }
                });
  }

  private void use(StatefulRedisConnection<String, String> connection) {
    connection.addListener(
        new RedisConnectionStateListener() {
          @Override
          public void onRedisDisconnected(RedisChannelHandler<?, ?> handler) {
            drop(connection, "the connection was closed");
          }
        });
    current.set(connection);
    logConnected();
    if (closed || !connection.isOpen()) {
      drop(connection, "the connection was closed");
    }
  }

  /** Not again after a read-only Redis, of which {@link RefusalLog} tells. */
  private synchronized void logConnected() {
    troubleLogged = false;
    if (!connectedLogged) {
      connectedLogged = true;
      log.info("Connected to Redis at {}", settings.address());
    }
  }

  /** Logs the first of a row of failures, since they come again with every attempt. */
  private synchronized void trouble(String message) {
    lastTrouble = message;
    connectedLogged = false;
    if (!troubleLogged && !closed) {
      troubleLogged = true;
      log.warn("Redis at {} cannot be asked: {}; trying again", settings.address(), message);
    }
  }

  private static String rootMessage(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return String.valueOf(root.getMessage());
  }

  @Override
  public void close() {
    closed = true;
    StatefulRedisConnection<String, String> connection = current.getAndSet(null);
    if (connection != null) {
      connection.close();
    }
    client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
    resources.shutdown(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
  }

  /**
   * A client whose connections can be asked asynchronously alone. Lettuce makes three faces of each
   * connection, and a proxy for all of Redis's commands for one of them: a fifth of a start.
   */
  private static final class AsynchronousClient extends RedisClient {
    AsynchronousClient(ClientResources resources) {
      super(resources, new RedisURI());
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
  }
}
