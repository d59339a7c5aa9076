package io.limiter.client.grpc;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.limiter.client.CheckRequest;
import io.limiter.client.LimiterClient;
import io.limiter.client.decorate.RateLimited;
import io.limiter.client.hold.Holding;
import io.limiter.client.hold.Permit;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;

/**
 * Limits the calls that a gRPC server answers. A call that is denied ends with RESOURCE_EXHAUSTED,
 * with {@code RetryInfo} and {@code QuotaFailure} as its details, and the server's own code never
 * hears of it. No thread waits for the decision.
 *
 * <pre>{@code
 * ServerInterceptor limits =
 *     RateLimitServerInterceptor.by(
 *         limiter,
 *         (call, headers) ->
 *             Optional.of(
 *                 CheckRequest.in("orders")
 *                     .attribute("method", call.getMethodDescriptor().getFullMethodName())));
 * }</pre>
 *
 * <p>A question with {@link CheckRequest#hold} holds room until the call is closed or cancelled,
 * for rules of what happens at once. It is renewed in the background.
 *
 * <p>If no answer comes, {@link io.limiter.client.OnUnreachable} says whether the call goes ahead;
 * if not, it ends with UNAVAILABLE. An admission with a delay goes ahead after it. A question that
 * is wrong is a mistake of the server's: the call ends with INTERNAL.
 *
 * <p>A call goes ahead in the {@link Context} in which it came, on a thread of the limiter's
 * channel, or after a delay on one of the common pool. Whatever else the server does for it, such
 * as reading its messages, is done on the server's own executor.
 *
 * <p>Thread-safe.
 */
public final class RateLimitServerInterceptor implements ServerInterceptor {
  private final LimiterClient limiter;
  private final Questions questions;

  /** What to ask before a call is answered. */
  @FunctionalInterface
  public interface Questions {
    /**
     * The question; empty for a call that is not limited, such as a health check.
     *
     * @param headers what the caller sent, not to be changed
     */
    Optional<CheckRequest> of(ServerCall<?, ?> call, Metadata headers);
  }

  private RateLimitServerInterceptor(LimiterClient limiter, Questions questions) {
    this.limiter = limiter;
    this.questions = questions;
  }

  /** Asks these questions. */
  public static RateLimitServerInterceptor by(LimiterClient limiter, Questions questions) {
    return new RateLimitServerInterceptor(limiter, questions);
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    CompletableFuture<?> room;
    try {
      Optional<CheckRequest> question = questions.of(call, headers);
      if (question.isEmpty()) {
        return next.startCall(call, headers);
      }
      room = room(question.get());
    } catch (RuntimeException mistake) {
      call.close(Denials.status(mistake).getStatus(), new Metadata());
      return new ServerCall.Listener<>() {};
    }
    HeldListener<Q> listener = new HeldListener<>(() -> room.cancel(false));
    Context context = Context.current();
    var unused =
        room.whenComplete(
            (admitted, failure) ->
                context.run(
                    () -> {
                      if (listener.isCancelled()) {
                        if (admitted instanceof Permit permit) {
                          permit.close();
                        }
                      } else if (failure != null) {
                        deny(call, failure);
                      } else if (admitted instanceof Permit permit) {
                        PermitCall<Q, R> holding = new PermitCall<>(call, permit);
                        start(holding, headers, next, listener, holding::watching);
                      } else {
                        start(call, headers, next, listener, UnaryOperator.identity());
                      }
                    }));
    return listener;
  }

  private CompletableFuture<?> room(CheckRequest question) {
    if (question.holds().isEmpty()) {
      return RateLimited.by(limiter, question).acquireAsync();
    }
    // A caller who gives up cancels the context, and so a question whose hold is not yet known.
    Context lasting = Context.current().fork();
    Context before = lasting.attach();
    try {
      return Holding.by(limiter).acquireAsync(question);
    } finally {
      lasting.detach(before);
    }
  }

  private static void deny(ServerCall<?, ?> call, Throwable failure) {
    StatusRuntimeException denial = Denials.status(failure);
    Metadata trailers = denial.getTrailers();
    call.close(denial.getStatus(), trailers == null ? new Metadata() : trailers);
  }

  private static <Q, R> void start(
      ServerCall<Q, R> call,
      Metadata headers,
      ServerCallHandler<Q, R> next,
      HeldListener<Q> listener,
      UnaryOperator<ServerCall.Listener<Q>> watching) {
    try {
      // What the caller has sent meanwhile, the server's code hears within.
      listener.passTo(watching.apply(next.startCall(call, headers)));
    } catch (RuntimeException thrown) {
      failed(call, thrown);
    }
  }

  /** As gRPC does with what a service throws when it is called by gRPC itself. */
  private static void failed(ServerCall<?, ?> call, RuntimeException thrown) {
    try {
      call.close(Status.fromThrowable(thrown), new Metadata());
    } catch (IllegalStateException closedBefore) {
      // By the service, before it threw.
    }
  }
}
