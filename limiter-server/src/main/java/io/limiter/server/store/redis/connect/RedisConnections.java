package io.limiter.server.store.redis.connect;

import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.resource.ClientResources;
import io.limiter.server.store.StoreException;
import io.limiter.server.store.StoreException.Kind;
import io.netty.channel.EventLoop;
import io.netty.resolver.AddressResolverGroup;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one connection to Redis and makes a new one when it breaks. At most one connection or one
 * attempt to make one exists at a time. Never blocks; safe to call from any thread.
 *
 * <p>A connection is used when Redis has shown on it that it takes writes: a replica is left before
 * anybody asks it. Lettuce's own reconnection would run again what was in flight, so it is off:
 * when a connection breaks, its commands fail at once, and a new connection starts empty.
 */
public final class RedisConnections implements AutoCloseable {
  private final ConnectionState state;
  private final Trial trial;
  private final ClientResources resources;
  private final RedisClient client;
  private final Finder finder;
  private volatile @Nullable StatefulRedisConnection<String, String> current;

  /** The last attempt to connect, and where it leads. What comes of an earlier one is dropped. */
  private long attempt;

  private Finder.@Nullable Found found;
  private volatile boolean closed;

  /** All connections have one event loop. */
  private volatile @Nullable EventLoop eventLoop;

  private final Backoff backoff =
      new Backoff(System::nanoTime, () -> ThreadLocalRandom.current().nextDouble());

  /** Starts to connect, and returns at once, also when Redis is away. */
  public RedisConnections(ConnectionSettings settings) {
    this(settings, NameLookup.uncached());
  }

  RedisConnections(ConnectionSettings settings, AddressResolverGroup<?> names) {
    state = new ConnectionState(settings.address());
    trial = Trial.of(settings.endpoint());
    resources = AsynchronousClient.resources(names, loop -> eventLoop = loop);
    client = new AsynchronousClient(resources, settings);
    finder = Finder.of(settings, resources);
    connect(attempt);
    finder.watch(this::look);
  }

  /**
   * The connection to ask on.
   *
   * @throws StoreException when there is none at the moment; it says why
   */
  public StatefulRedisConnection<String, String> get() {
    StatefulRedisConnection<String, String> connection = current;
    if (connection != null) {
      return connection;
    }
    throw state.trouble();
  }

  /** Null when there is none. */
  public @Nullable StatefulRedisConnection<String, String> currentOrNull() {
    return current;
  }

  /** Where Redis is, without user and password. */
  public String address() {
    return state.address();
  }

  /** Whether there is a connection at the moment, to a Redis that takes writes. */
  public boolean connected() {
    return current != null;
  }

  /** How it stands with Redis at the moment, for people. */
  public String state() {
    return state.text(connected());
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
    state.refused(failure);
  }

  private synchronized void drop(
      StatefulRedisConnection<String, String> connection, StoreException why) {
    if (current == connection && !closed) {
      take(why);
      connectAfter(why, attempt);
    }
  }

  /** Takes the connection away, if there is one. Whoever finds none is told why. */
  private void take(StoreException why) {
    state.failed(why);
    StatefulRedisConnection<String, String> old = current;
    current = null;
    if (old != null) {
      var unused = old.closeAsync();
    }
  }

  /** Makes the next attempt, unless another one began meanwhile. */
  private synchronized void connectAfter(StoreException why, long ended) {
    if (closed || ended != attempt) {
      return;
    }
    state.failed(why);
    long millis = backoff.pauseMillis();
    if (millis == 0) {
      connect(ended);
    } else {
      var unused =
          resources
              .eventExecutorGroup()
              .schedule(() -> connect(ended), millis, TimeUnit.MILLISECONDS);
    }
  }

  private synchronized void connect(long ended) {
    if (closed || ended != attempt) {
      return;
    }
    long number = ++attempt;
    var unused =
        finder
            .find()
            .whenComplete(
                (found, failure) -> {
                  if (failure == null) {
                    connect(found, number);
                  } else {
                    connectAfter(RedisFailure.of(failure, state.address()), number);
                  }
                });
  }

  private synchronized void connect(Finder.Found found, long number) {
    if (number != attempt) {
      return;
    }
    this.found = found;
    state.found(found.address());
    RedisURI uri;
    try {
      uri = found.uri().now();
    } catch (IOException e) {
      connectAfter(state.away(String.valueOf(e.getMessage())), number);
      return;
    }
    var unused =
        client
            .connectAsync(StringCodec.UTF8, uri)
            .whenComplete(
                (connection, failure) -> {
                  if (failure == null) {
                    tryOut(connection, number);
                  } else {
                    connectAfter(RedisFailure.of(failure, state.address()), number);
                  }
                });
  }

  /**
   * Looks whether Redis is elsewhere by now. If so, the connection is dropped, or the attempt to
   * make one given up: whoever asks the Redis of before is counted where nobody else is.
   */
  private void look() {
    var unused =
        finder
            .find()
            .whenComplete(
                (found, failure) -> {
                  if (failure == null) {
                    move(found);
                  }
                });
  }

  private synchronized void move(Finder.Found found) {
    if (closed || (this.found != null && found.target().equals(this.found.target()))) {
      return;
    }
    long number = ++attempt;
    take(state.away("the primary is " + found.target() + " now"));
    connect(found, number);
  }

  private void tryOut(StatefulRedisConnection<String, String> connection, long number) {
    var unused =
        trial
            .on(connection)
            .whenComplete(
                (nothing, failure) -> {
                  if (failure == null) {
                    use(connection, number);
                    return;
                  }
                  StoreException known = RedisFailure.of(failure, state.address());
                  switch (known.kind()) {
                    case TIMEOUT, UNAVAILABLE, READ_ONLY, LOADING -> {
                      var unusedEnd = connection.closeAsync();
                      connectAfter(known, number);
                    }
                    default -> {
                      refused(known);
                      use(connection, number);
                    }
                  }
                });
  }

  private synchronized void use(StatefulRedisConnection<String, String> connection, long number) {
    if (number != attempt || closed) {
      var unused = connection.closeAsync();
      return;
    }
    connection.addListener(
        new RedisConnectionStateListener() {
          @Override
          public void onRedisDisconnected(RedisChannelHandler<?, ?> handler) {
            drop(connection, state.away("the connection was closed"));
          }
        });
    backoff.connected();
    current = connection;
    state.connected();
    if (!connection.isOpen()) {
      drop(connection, state.away("the connection was closed"));
    }
  }

  /** Another connection to where this leads, for publish/subscribe. Whoever opens it closes it. */
  synchronized CompletionStage<StatefulRedisPubSubConnection<String, String>> openPubSub()
      throws IOException {
    if (found == null) {
      throw state.trouble();
    }
    return client.connectPubSubAsync(StringCodec.UTF8, found.uri().now());
  }

  StoreException away(String why) {
    return state.away(why);
  }

  @Override
  public void close() {
    closed = true;
    finder.close();
    current = null;
    client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
    resources.shutdown(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
  }
}
