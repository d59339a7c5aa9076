package io.limiter.client.grpc;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.limiter.client.decorate.CallTerms;
import io.limiter.client.decorate.Pacer;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Makes the calls of a gRPC client as a {@link Pacer} lets them go, and reads what an upstream says
 * that has had enough: RESOURCE_EXHAUSTED or UNAVAILABLE, with {@code RetryInfo} in its details or
 * {@code grpc-retry-pushback-ms} in its trailers.
 *
 * <p>A call for which there is no room in time ends with RESOURCE_EXHAUSTED, as with {@link
 * RateLimitClientInterceptor}; one that the circuit breaker stops with UNAVAILABLE. No thread
 * waits.
 *
 * <p>A refused call is not repeated here: its messages are gone. A {@code retryPolicy} of the
 * channel repeats it below this interceptor, and waits as the trailers say.
 *
 * <p>Thread-safe.
 */
public final class PacedClientInterceptor implements ClientInterceptor {
  private final Pacer pacer;
  private final CallTerms terms;

  /**
   * Makes calls on these terms.
   *
   * @param terms a call's own deadline counts too
   */
  public PacedClientInterceptor(Pacer pacer, CallTerms terms) {
    this.pacer = pacer;
    this.terms = terms.once();
  }

  @Override
  public <Q, R> ClientCall<Q, R> interceptCall(
      MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
    CompletableFuture<Closings.Closing> closed = new CompletableFuture<>();
    Executor executor = options.getExecutor();
    return new HeldCall<>(
        () -> new Heard<>(next.newCall(method, options), closed),
        () -> new Room(closed).enter(pacer, within(options)),
        executor == null ? ForkJoinPool.commonPool() : executor);
  }

  private CallTerms within(CallOptions options) {
    return within(within(terms, options.getDeadline()), Context.current().getDeadline());
  }

  private static CallTerms within(CallTerms terms, @Nullable Deadline deadline) {
    return deadline == null
        ? terms
        : terms.atMost(Duration.ofNanos(deadline.timeRemaining(TimeUnit.NANOSECONDS)));
  }

  /** Completes when the call may be made. Once that is cancelled, the call will not be made. */
  private static final class Room extends CompletableFuture<Void> {
    private final CompletableFuture<Closings.Closing> closed;

    Room(CompletableFuture<Closings.Closing> closed) {
      this.closed = closed;
    }

    Room enter(Pacer pacer, CallTerms terms) {
      CompletableFuture<Closings.Closing> paced =
          pacer.callAsync(
              () -> {
                complete(null);
                return closed;
              },
              Closings.INSTANCE,
              terms);
      var unused =
          paced.whenComplete(
              (closing, failure) -> {
                if (failure != null) {
                  completeExceptionally(failure);
                }
              });
      var unusedToo =
          closed.whenComplete(
              (closing, cancelled) -> {
                if (cancelled != null) {
                  paced.cancel(false);
                }
              });
      return this;
    }

    @Override
    public boolean cancel(boolean mayInterrupt) {
      closed.cancel(mayInterrupt);
      return super.cancel(mayInterrupt);
    }
  }

  /** Says how the call ended. */
  private static final class Heard<Q, R> extends SimpleForwardingClientCall<Q, R> {
    private final CompletableFuture<Closings.Closing> closed;

    Heard(ClientCall<Q, R> call, CompletableFuture<Closings.Closing> closed) {
      super(call);
      this.closed = closed;
    }

    @Override
    public void start(Listener<R> responses, Metadata headers) {
      super.start(
          new SimpleForwardingClientCallListener<>(responses) {
            @Override
            public void onClose(Status status, Metadata trailers) {
              if (status.getCode() == Status.Code.CANCELLED) {
                closed.completeExceptionally(new CancellationException("the caller gave up"));
              } else {
                closed.complete(new Closings.Closing(status, trailers));
              }
              super.onClose(status, trailers);
            }
          },
          headers);
    }
  }
}
