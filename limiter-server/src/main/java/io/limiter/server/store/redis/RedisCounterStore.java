package io.limiter.server.store.redis;

import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.CounterStore;
import io.limiter.server.store.Receipt;
import io.limiter.server.store.StoreException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The counters in Redis. */
public final class RedisCounterStore implements CounterStore, AutoCloseable {
  private final RedisSettings settings;

  private RedisCounterStore(RedisSettings settings) {
    this.settings = settings;
  }

  public static RedisCounterStore connect(RedisSettings settings, StoreListener listener) {
    return new RedisCounterStore(settings);
  }

  public boolean connected() {
    try (java.net.Socket socket =
        new java.net.Socket(java.net.InetAddress.getLoopbackAddress(), settings.uri().getPort())) {
      return socket.isConnected();
    } catch (java.io.IOException e) {
      return false;
    }
  }

  public String describe() {
    return "redis://" + settings.uri().getHost() + ":" + settings.uri().getPort();
  }

  @Override
  public CompletionStage<Answer> decide(Charge charge) {
    return away();
  }

  @Override
  public CompletionStage<Boolean> refund(Receipt receipt) {
    return away();
  }

  @Override
  public CompletionStage<Integer> reset(List<String> keys) {
    return away();
  }

  private static <T> CompletionStage<T> away() {
    return CompletableFuture.failedStage(
        new StoreException(StoreException.Kind.UNAVAILABLE, "away", null));
  }

  @Override
  public void close() {}
}
