package io.limiter.server.store.redis.connect;

import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.pubsub.api.async.RedisPubSubAsyncCommands;
import io.limiter.server.store.StoreException;
import io.limiter.server.store.StoreException.Kind;
import java.io.IOException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens on a channel, by a connection of its own: on that of the questions messages would stand
 * in the way. It leads to where theirs does, and is made again when that one is: after a failover
 * the old place hears nothing. It is also made again when it breaks, and when it does not answer a
 * PING, since a connection that is only listened on can be dead without a sign.
 *
 * <p>All but {@link #trouble} and {@link #close} is done by one thread.
 */
public final class Subscription implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Subscription.class);

  private final Supplier<RedisConnections> redis;
  private final String channel;
  private final Consumer<String> message;
  private final Runnable subscribed;
  private final ScheduledExecutorService thread;
  private final Backoff backoff =
      new Backoff(System::nanoTime, () -> ThreadLocalRandom.current().nextDouble());

  private @Nullable StatefulRedisPubSubConnection<String, String> connection;

  /** Where the last attempt led to. */
  private @Nullable RedisConnections place;

  /** The connection of the questions, when this one was made. */
  private @Nullable StatefulRedisConnection<String, String> beside;

  /** The kind of failure that the log was told of since it was subscribed. */
  private @Nullable Kind logged;

  private volatile boolean closed;
  private volatile @Nullable String trouble = "no attempt to subscribe has ended yet";

  /**
   * A subscription. {@link #beat} has to be called now and then.
   *
   * @param redis the connection of the questions to a Redis that hears the channel; asked anew for
   *     each connection that is made
   * @param message takes each message, and must be quick
   * @param subscribed told when it is subscribed; messages before that may have been missed
   * @param thread one thread, which does everything here
   */
  public Subscription(
      Supplier<RedisConnections> redis,
      String channel,
      Consumer<String> message,
      Runnable subscribed,
      ScheduledExecutorService thread) {
    this.redis = redis;
    this.channel = channel;
    this.message = message;
    this.subscribed = subscribed;
    this.thread = thread;
    run(this::open);
  }

  /** Why it does not listen at the moment; null while it does. */
  public @Nullable String trouble() {
    return trouble;
  }

  /** Looks whether the connection still is what it should be. To be called by the one thread. */
  public void beat() {
    StatefulRedisPubSubConnection<String, String> now = connection;
    if (now == null) {
      return;
    }
    StatefulRedisConnection<String, String> questions = redis.get().currentOrNull();
    if (questions != null && questions != beside) {
      end(now);
      openAfter("the service has connected to Redis anew");
      return;
    }
    var unused =
        now.async()
            .ping()
            .whenComplete(
                (pong, failure) -> {
                  if (failure != null) {
                    run(() -> lost(now, failure));
                  }
                });
  }

  private void open() {
    RedisConnections to;
    try {
      to = redis.get();
    } catch (StoreException nobody) {
      // A Cluster whose members are not known yet, or that has lost them.
      openAfter(String.valueOf(nobody.getMessage()));
      return;
    }
    place = to;
    StatefulRedisConnection<String, String> questions = to.currentOrNull();
    if (questions == null) {
      // The log has it from there.
      openAfter(to.state());
      return;
    }
    try {
      var unused =
          to.openPubSub()
              .whenComplete(
                  (opened, failure) ->
                      run(
                          () -> {
                            if (failure == null) {
                              subscribe(to, opened, questions);
                            } else {
                              openAfter(failure);
                            }
                          }));
    } catch (IOException | RuntimeException failure) {
      openAfter(failure);
    }
  }

  /** The empty message shows whether the user may publish: scripts could not say. */
  private void subscribe(
      RedisConnections to,
      StatefulRedisPubSubConnection<String, String> opened,
      StatefulRedisConnection<String, String> questions) {
    connection = opened;
    beside = questions;
    opened.addListener(
        new RedisPubSubAdapter<>() {
          @Override
          public void message(String from, String text) {
            if (!text.isEmpty()) {
              message.accept(text);
            }
          }
        });
    opened.addListener(
        new RedisConnectionStateListener() {
          @Override
          public void onRedisDisconnected(RedisChannelHandler<?, ?> handler) {
            run(() -> lost(opened, to.away("the connection was closed")));
          }
        });
    RedisPubSubAsyncCommands<String, String> commands = opened.async();
    var unused =
        commands
            .publish(channel, "")
            .thenCompose(heard -> commands.subscribe(channel))
            .whenComplete(
                (nothing, failure) ->
                    run(
                        () -> {
                          if (failure != null) {
                            lost(opened, failure);
                          } else if (opened == connection) {
                            listening(to);
                          }
                        }));
  }

  private void listening(RedisConnections to) {
    backoff.connected();
    subscribed.run();
    trouble = null;
    logged = null;
    log.info("Hearing of resets and refunds of other instances at {}", to.address());
    if (connection != null && !connection.isOpen()) {
      lost(connection, to.away("the connection was closed"));
    }
  }

  private void lost(StatefulRedisPubSubConnection<String, String> which, Throwable why) {
    if (which == connection) {
      end(which);
      openAfter(why);
    }
  }

  private void end(StatefulRedisPubSubConnection<String, String> which) {
    connection = null;
    beside = null;
    if (which.isOpen()) {
      var unused = which.closeAsync();
    }
  }

  private void openAfter(Throwable why) {
    RedisConnections to = place;
    StoreException known = RedisFailure.of(why, to == null ? "Redis" : to.address());
    if (!closed && logged != known.kind()) {
      logged = known.kind();
      log.warn(
          "Not hearing of other instances' resets and refunds, a cached denial may outlive these by"
              + " --deny-cache: {}; trying again",
          known.getMessage());
    }
    openAfter(String.valueOf(known.getMessage()));
  }

  private void openAfter(String why) {
    trouble = why;
    long millis = backoff.pauseMillis();
    try {
      var unused = thread.schedule(this::openUnlessClosed, millis, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException ended) {
      // Nothing is to be heard any more.
    }
  }

  private void openUnlessClosed() {
    if (!closed) {
      open();
    }
  }

  private void run(Runnable step) {
    try {
      thread.execute(step);
    } catch (RejectedExecutionException ended) {
      // Nothing is to be heard any more.
    }
  }

  @Override
  public void close() {
    closed = true;
    run(
        () -> {
          if (connection != null) {
            end(connection);
          }
        });
  }
}
