package io.limiter.server.store.redis.connect;

import io.lettuce.core.RedisClient;
import io.limiter.server.fault.Cause;
import io.limiter.server.store.StoreException;
import io.limiter.server.store.StoreException.Kind;
import io.limiter.server.store.endpoint.HostPort;
import io.limiter.server.store.endpoint.RedisEndpoint;
import io.limiter.server.store.endpoint.RedisPlace;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds the primary that Sentinels agree on.
 *
 * <p>All Sentinels are asked at once, and the one whose knowledge has the newest epoch is believed:
 * a Sentinel that was cut off from the others names the primary of before. One that does not answer
 * is asked again every second, and nobody waits for it meanwhile.
 */
final class SentinelFinder implements Finder {
  private static final long LOOK_MILLIS = 1_000;

  private final RedisEndpoint endpoint;
  private final RedisClient client;
  private final ScheduledExecutorService timer;
  private final List<SentinelLink> links;
  private volatile Runnable look = () -> {};
  private @Nullable ScheduledFuture<?> looking;

  /** Asks the endpoint's Sentinels; nobody before {@link #find} or {@link #watch} is called. */
  SentinelFinder(
      RedisEndpoint endpoint,
      RedisPlace.Sentinels sentinels,
      RedisClient client,
      ScheduledExecutorService timer) {
    this.endpoint = endpoint;
    this.client = client;
    this.timer = timer;
    links =
        sentinels.sentinels().stream()
            .map(
                at ->
                    new SentinelLink(
                        client,
                        at,
                        sentinels.primary(),
                        () -> ConnectionUri.ofSentinel(endpoint, at, sentinels.credentials()),
                        () -> look.run()))
            .toList();
  }

  @Override
  public CompletionStage<Found> find() {
    List<SentinelLink> up = links.stream().filter(SentinelLink::isUp).toList();
    List<SentinelLink> asked = up.isEmpty() ? links : up;
    List<CompletableFuture<SentinelLink.Told>> answers =
        asked.stream().map(link -> link.ask().toCompletableFuture()).toList();
    return CompletableFuture.allOf(answers.toArray(new CompletableFuture<?>[0]))
        .handle((done, oneFailed) -> newest(asked, answers));
  }

  private Found newest(
      List<SentinelLink> asked, List<CompletableFuture<SentinelLink.Told>> answers) {
    Optional<SentinelLink.Told> told =
        answers.stream()
            .filter(answer -> !answer.isCompletedExceptionally())
            .map(CompletableFuture::join)
            .max(Comparator.comparingLong(SentinelLink.Told::epoch));
    if (told.isPresent()) {
      return found(told.get().primary());
    }
    List<String> reasons = new ArrayList<>();
    for (int i = 0; i < answers.size(); i++) {
      Throwable failure = answers.get(i).handle((answer, why) -> why).join();
      reasons.add(asked.get(i) + " " + Cause.of(failure).getMessage());
    }
    throw new StoreException(
        Kind.UNAVAILABLE,
        endpoint.address()
            + " is not connected: no Sentinel names the primary: "
            + reasons.stream().collect(Collectors.joining(", ")),
        null);
  }

  private Found found(HostPort primary) {
    return new Found(
        primary.toString(),
        endpoint.address() + " (primary " + primary + ")",
        () -> ConnectionUri.of(endpoint.at(new RedisPlace.Standalone(primary))));
  }

  /** Also every second: a message may be lost, and a user may not be let to hear of it. */
  @Override
  public synchronized void watch(Runnable task) {
    look = task;
    looking =
        timer.scheduleWithFixedDelay(
            () -> {
              links.stream().filter(link -> !link.isUp()).forEach(SentinelLink::ask);
              task.run();
            },
            LOOK_MILLIS,
            LOOK_MILLIS,
            TimeUnit.MILLISECONDS);
  }

  @Override
  public synchronized void close() {
    look = () -> {};
    if (looking != null) {
      looking.cancel(false);
    }
    links.forEach(SentinelLink::close);
    client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
  }
}
