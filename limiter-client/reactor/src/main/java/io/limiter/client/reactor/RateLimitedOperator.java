package io.limiter.client.reactor;

import io.limiter.client.Decision;
import io.limiter.client.LimiterException;
import io.limiter.client.decorate.DeniedException;
import io.limiter.client.decorate.RateLimited;
import java.util.function.UnaryOperator;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Puts a limit before what a {@link Mono} or a {@link Flux} does when it is subscribed to. Each
 * subscription asks, also each one by {@code retry} or {@code repeat}, and goes on only if the
 * answer allows it.
 *
 * <pre>{@code
 * Mono<Quote> limited = upstream.quote().transformDeferred(RateLimitedOperator.of(rateLimited));
 * }</pre>
 *
 * <p>A subscription that is not allowed ends with a {@link DeniedException}, one whose question is
 * wrong with a {@link LimiterException}. Waiting is as {@link RateLimited} says, and takes no
 * thread. A subscription that is cancelled while it waits asks no more.
 *
 * <p>Immutable, and so safe to use from any thread. What comes next runs on a thread of the
 * client's channel, or after a wait on one of the common pool; it must not block there.
 *
 * @param <T> what is published
 */
public final class RateLimitedOperator<T> implements UnaryOperator<Publisher<T>> {
  private final RateLimited limited;

  private RateLimitedOperator(RateLimited limited) {
    this.limited = limited;
  }

  /** An operator for {@code transformDeferred} and {@code transform}. */
  public static <T> RateLimitedOperator<T> of(RateLimited limited) {
    return new RateLimitedOperator<>(limited);
  }

  /** The same as it is, limited: a {@link Mono} for a Mono, else a {@link Flux}. */
  @Override
  public Publisher<T> apply(Publisher<T> call) {
    Mono<Decision> admitted = Mono.fromFuture(limited::acquireAsync);
    return call instanceof Mono<T> mono ? admitted.then(mono) : admitted.thenMany(Flux.from(call));
  }
}
