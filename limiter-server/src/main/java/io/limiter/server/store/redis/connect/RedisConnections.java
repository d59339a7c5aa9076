package io.limiter.server.store.redis.connect;

import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SetArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import io.lettuce.core.resource.NettyCustomizer;
import io.limiter.server.store.StoreException;
import io.limiter.server.store.StoreException.Kind;
import io.limiter.server.store.endpoint.RedisPlace;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.resolver.AddressResolverGroup;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one connection to Redis and makes a new one when it breaks. At most one connection or one
 * attempt to make one exists at a time. Never blocks; safe to call from any thread.
 *
 * <p>A connection is used when Redis has shown on it that it takes writes: a replica is left before
 * anybody asks it.
 *
 * <p>A command must not run twice. Lettuce's own reconnection sends again what was in flight, so it
 * is off: when a connection breaks, its commands fail at once, and a new connection starts empty.
 */
public final class RedisConnections implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RedisConnections.class);

  /** How long a refusal counts as the present state. */
  private static final Duration REFUSAL_TOLD = Duration.ofSeconds(10);

  private static final String NO_KEY = "limiter:{}!probe";

  private final ConnectionSettings settings;
  private final ClientResources resources;
  private final RedisClient client;
  private final AtomicReference<@Nullable StatefulRedisConnection<String, String>> current =
      new AtomicReference<>();
  private volatile boolean closed;

  /** All connections have one event loop. */
  private volatile @Nullable EventLoop eventLoop;

  /** Why there is no connection, while there is none. */
  private volatile StoreException trouble;

  /** What Redis refused last, and when. */
  private volatile @Nullable Refusal refusal;

  /** The kind of failure that the log was told of since there was a connection. */
  private @Nullable Kind logged;

  private final Backoff backoff =
      new Backoff(System::nanoTime, () -> ThreadLocalRandom.current().nextDouble());

  private record Refusal(StoreException failure, long nanos) {}

  /** Starts to connect, and returns at once, also when Redis is away. */
  public RedisConnections(ConnectionSettings settings) {
    this(settings, NameLookup.uncached());
  }

  RedisConnections(ConnectionSettings settings, AddressResolverGroup<?> names) {
    this.settings = settings;
    trouble = away("no attempt to connect has ended yet");
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
    client = new AsynchronousClient(resources, settings);
    connect();
  }

  /**
   * The connection to ask on.
   *
   * @throws StoreException when there is none at the moment; it says why
   */
  public StatefulRedisConnection<String, String> get() {
    StatefulRedisConnection<String, String> connection = current.get();
    if (connection == null) {
      throw trouble;
    }
    return connection;
  }

  /** The same, or null when there is none. */
  public @Nullable StatefulRedisConnection<String, String> currentOrNull() {
    return current.get();
  }

  /** Where Redis is, without user and password. */
  public String address() {
    return settings.address();
  }

  /** Whether there is a connection at the moment, to a Redis that takes writes. */
  public boolean connected() {
    return current.get() != null;
  }

  /** How it stands with Redis at the moment, for people. */
  public String state() {
    if (!connected()) {
      return trouble.getMessage();
    }
    Refusal last = refusal;
    long age = last == null ? Long.MAX_VALUE : System.nanoTime() - last.nanos;
    return last == null || age > REFUSAL_TOLD.toNanos()
        ? settings.address() + " is connected"
        : settings.address()
            + " is connected, and refused %d s ago: %s"
                .formatted(age / 1_000_000_000, last.failure.getMessage());
  }

  /** Runs a task soon: on the connections' event loop, once there was one, or right here. */
  public void execute(Runnable task) {
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

  /**
   * Notes what a command on a connection met. A connection that does not answer, or that leads to a
   * read-only replica, is given up, and a new one is made: the name is looked up again for it.
   */
  public void met(StoreException failure, StatefulRedisConnection<String, String> connection) {
    if (failure.kind() == Kind.TIMEOUT || failure.kind() == Kind.READ_ONLY) {
      drop(connection, failure);
    } else if (RedisFailure.isRefusal(failure)) {
      refused(failure);
    }
  }

  /** Notes that Redis answers, and with a refusal. */
  public void refused(StoreException failure) {
    refusal = new Refusal(failure, System.nanoTime());
  }

  private void drop(StatefulRedisConnection<String, String> connection, StoreException why) {
    if (current.compareAndSet(connection, null)) {
      var unused = connection.closeAsync();
      connectAfter(why);
    }
  }

  private void connectAfter(StoreException why) {
    trouble = why;
    log(why);
    long millis = backoff.pauseMillis();
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
      uri = ConnectionUri.of(settings.endpoint());
    } catch (IOException e) {
      connectAfter(away(String.valueOf(e.getMessage())));
      return;
    }
    var unused =
        client
            .connectAsync(StringCodec.UTF8, uri)
            .whenComplete(
                (connection, failure) -> {
                  if (failure == null) {
                    tryOut(connection);
                  } else {
                    connectAfter(RedisFailure.of(failure, settings.address()));
                  }
                });
  }

  /**
   * A write that writes nothing, since the key never exists; but only who may write may try. One of
   * a Cluster would only say where the key lies: that it lives is enough, as it says for each
   * question whether that is its own.
   */
  private CompletionStage<?> trial(StatefulRedisConnection<String, String> connection) {
    return settings.endpoint().place() instanceof RedisPlace.Member
        ? connection.async().ping()
        : connection.async().set(NO_KEY, "", SetArgs.Builder.xx().px(1));
  }

  private void tryOut(StatefulRedisConnection<String, String> connection) {
    var unused =
        trial(connection)
            .whenComplete(
                (nothing, failure) -> {
                  if (failure == null) {
                    use(connection);
                    return;
                  }
                  StoreException known = RedisFailure.of(failure, settings.address());
                  switch (known.kind()) {
                    case TIMEOUT, UNAVAILABLE, READ_ONLY, LOADING -> {
                      var unusedEnd = connection.closeAsync();
                      connectAfter(known);
                    }
                    default -> {
                      refused(known);
                      use(connection);
                    }
                  }
                });
  }

  private void use(StatefulRedisConnection<String, String> connection) {
    connection.addListener(
        new RedisConnectionStateListener() {
          @Override
          public void onRedisDisconnected(RedisChannelHandler<?, ?> handler) {
            drop(connection, away("the connection was closed"));
          }
        });
    backoff.connected();
    current.set(connection);
    logConnected();
    if (closed || !connection.isOpen()) {
      drop(connection, away("the connection was closed"));
    }
  }

  /** Another connection to where this leads, for publish/subscribe. Whoever opens it closes it. */
  CompletionStage<StatefulRedisPubSubConnection<String, String>> openPubSub() throws IOException {
    return client.connectPubSubAsync(StringCodec.UTF8, ConnectionUri.of(settings.endpoint()));
  }

  StoreException away(String why) {
    return new StoreException(
        Kind.UNAVAILABLE, settings.address() + " is not connected: " + why, null);
  }

  private synchronized void logConnected() {
    logged = null;
    log.info("Connected to Redis at {}", settings.address());
  }

  /** Logs the first of a row of failures of one kind, since they come with every attempt. */
  private synchronized void log(StoreException why) {
    if (!closed && logged != why.kind()) {
      logged = why.kind();
      log.warn("{}; trying again", why.getMessage());
    }
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
}
