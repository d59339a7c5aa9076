package io.limiter.server.store.redis.connect;

import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.ArrayOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.limiter.server.fault.Cause;
import io.limiter.server.store.endpoint.ConnectFailure;
import io.limiter.server.store.endpoint.HostPort;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One Sentinel: a connection that is kept, to ask it where the primary is and to hear of a new one.
 * Never blocks; safe to call from any thread.
 *
 * <p>A Sentinel that does not let this user subscribe is asked all the same.
 */
final class SentinelLink implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SentinelLink.class);
  private static final String SWITCHED = "+switch-master";

  private final RedisClient client;
  private final HostPort at;
  private final String primary;
  private final Finder.Uri uri;
  private final Runnable switched;
  private @Nullable CompletableFuture<StatefulRedisPubSubConnection<String, String>> connection;
  private boolean up;
  private boolean away;
  private boolean closed;

  /**
   * What a Sentinel says.
   *
   * @param primary where it is
   * @param epoch of that knowledge: each failover has a greater one, whichever Sentinel leads it
   */
  record Told(HostPort primary, long epoch) {}

  /**
   * A link that is made when it is asked first.
   *
   * @param primary the name that the Sentinel knows it by
   * @param switched run when the Sentinel says that another Redis is that primary now
   */
  SentinelLink(RedisClient client, HostPort at, String primary, Finder.Uri uri, Runnable switched) {
    this.client = client;
    this.at = at;
    this.primary = primary;
    this.uri = uri;
    this.switched = switched;
  }

  /** Whether the Sentinel answered last. */
  synchronized boolean isUp() {
    return up;
  }

  /**
   * Asks it where the primary is. Fails with an {@link IOException} that says why in words, and no
   * later than the client's bounds on connecting and on an answer.
   */
  CompletionStage<Told> ask() {
    return connected()
        .thenCompose(this::ask)
        .handle(
            (told, failure) -> {
              answered(failure);
              return failure == null
                  ? CompletableFuture.completedStage(told)
                  : CompletableFuture.<Told>failedStage(new IOException(why(failure), failure));
            })
        .thenCompose(told -> told);
  }

  private CompletionStage<Told> ask(StatefulRedisPubSubConnection<String, String> open) {
    return sentinel(open, "GET-MASTER-ADDR-BY-NAME")
        .thenCombine(
            sentinel(open, "MASTER"), (address, facts) -> new Told(read(address), epoch(facts)));
  }

  private CompletionStage<List<Object>> sentinel(
      StatefulRedisPubSubConnection<String, String> open, String command) {
    return open.async()
        .dispatch(
            CommandType.SENTINEL,
            new ArrayOutput<>(StringCodec.UTF8),
            new CommandArgs<>(StringCodec.UTF8).add(command).add(primary));
  }

  private static HostPort read(@Nullable List<Object> address) {
    if (address == null || address.size() != 2) {
      throw new IllegalStateException("No such master");
    }
    return new HostPort(
        String.valueOf(address.get(0)), Integer.parseInt(String.valueOf(address.get(1))));
  }

  private static long epoch(List<Object> facts) {
    int name = facts.indexOf("config-epoch");
    return name < 0 || name + 1 == facts.size()
        ? 0
        : Long.parseLong(String.valueOf(facts.get(name + 1)));
  }

  private synchronized CompletableFuture<StatefulRedisPubSubConnection<String, String>>
      connected() {
    if (connection == null) {
      CompletableFuture<StatefulRedisPubSubConnection<String, String>> made = connect();
      connection = made;
      var unused =
          made.whenComplete(
              (open, failure) -> {
                if (failure != null) {
                  forget(made);
                } else {
                  open.addListener(
                      new RedisConnectionStateListener() {
                        @Override
                        public void onRedisDisconnected(RedisChannelHandler<?, ?> handler) {
                          forget(made);
                          answered(new IOException("the connection was closed"));
                        }
                      });
                }
              });
      return made;
    }
    return connection;
  }

  private CompletableFuture<StatefulRedisPubSubConnection<String, String>> connect() {
    if (closed) {
      return CompletableFuture.failedFuture(new IOException("the service ends"));
    }
    try {
      return client
          .connectPubSubAsync(StringCodec.UTF8, uri.now())
          .toCompletableFuture()
          .thenCompose(
              open -> {
                open.addListener(
                    new RedisPubSubAdapter<>() {
                      @Override
                      public void message(String channel, String message) {
                        if (message.startsWith(primary + " ")) {
                          switched.run();
                        }
                      }
                    });
                return open.async().subscribe(SWITCHED).handle((done, refused) -> open);
              });
    } catch (IOException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private synchronized void forget(CompletableFuture<?> ended) {
    if (connection == ended) {
      connection = null;
    }
  }

  /** Notes whether it answers, and tells the log when that changes. */
  private void answered(@Nullable Throwable failure) {
    CompletableFuture<StatefulRedisPubSubConnection<String, String>> ended = null;
    synchronized (this) {
      up = failure == null;
      if (failure != null) {
        ended = connection;
        connection = null;
      }
      if (!closed && away != (failure != null)) {
        away = failure != null;
        if (failure == null) {
          log.info("Sentinel {} answers again", at);
        } else {
          log.warn("Sentinel {} {}; asking it again every second", at, why(failure));
        }
      }
    }
    if (ended != null) {
      var unused =
          ended.thenAccept(
              open -> {
                var unusedEnd = open.closeAsync();
              });
    }
  }

  private String why(Throwable failure) {
    Throwable root = Cause.of(failure);
    while (root.getCause() != null) {
      root = root.getCause();
    }
    String said = String.valueOf(root.getMessage());
    if (said.contains("No such master")) {
      return "knows no primary of the name behind #; write one that SENTINEL MASTERS lists";
    }
    if (said.contains("unknown command")) {
      return "is no Sentinel; name the port of one, by default 26379";
    }
    return "does not answer: "
        + said
        + ConnectFailure.sentinelRemedy(said).map("; "::concat).orElse("");
  }

  @Override
  public synchronized void close() {
    closed = true;
  }

  @Override
  public String toString() {
    return at.toString();
  }
}
