package io.limiter.server.store.redis.connect;

import io.lettuce.core.RedisURI;
import io.lettuce.core.resource.ClientResources;
import io.limiter.server.store.endpoint.RedisEndpoint;
import io.limiter.server.store.endpoint.RedisPlace;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Finds the Redis to connect to. Never blocks on a network; safe to call from any thread. */
interface Finder extends AutoCloseable {
  /**
   * Where a connection is to lead.
   *
   * @param target what differs if, and only if, it is another Redis
   * @param address the same for a person to read, without user and password
   */
  record Found(String target, String address, Uri uri) {}

  /** Asked anew for each connection: a password may come from a file, and change. */
  @FunctionalInterface
  interface Uri {
    /**
     * The URI for a connection that is made now. May read files.
     *
     * @throws IOException when a file cannot be used; the message says which and why
     */
    RedisURI now() throws IOException;
  }

  /** Finds the Redis that an endpoint means. */
  static Finder of(ConnectionSettings settings, ClientResources resources) {
    RedisEndpoint endpoint = settings.endpoint();
    return endpoint.place() instanceof RedisPlace.Sentinels sentinels
        ? new SentinelFinder(
            endpoint,
            sentinels,
            AsynchronousClient.toSentinels(resources, settings),
            resources.eventExecutorGroup())
        : new Fixed(
            new Found(endpoint.address(), endpoint.address(), () -> ConnectionUri.of(endpoint)));
  }

  /** Where Redis is now. Fails with a {@link io.limiter.server.store.StoreException}. */
  CompletionStage<Found> find();

  /** Has a task run whenever Redis may be elsewhere, until this is closed. */
  void watch(Runnable look);

  @Override
  void close();

  /** A Redis that is always at the same place. */
  record Fixed(Found found) implements Finder {
    @Override
    public CompletionStage<Found> find() {
      return CompletableFuture.completedStage(found);
    }

    @Override
    public void watch(Runnable look) {}

    @Override
    public void close() {}
  }
}
