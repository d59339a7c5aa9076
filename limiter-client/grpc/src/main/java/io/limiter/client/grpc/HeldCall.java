package io.limiter.client.grpc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A call that is made once there is room for it. What its caller does with it meanwhile is kept,
 * and done in order then.
 */
final class HeldCall<Q, R> extends ClientCall<Q, R> {
  private final Supplier<ClientCall<Q, R>> make;
  private final Supplier<? extends CompletableFuture<?>> room;
  private final Executor executor;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final Queue<Runnable> held = new ArrayDeque<>();

  @GuardedBy("lock")
  private State state = State.NOT_STARTED;

  @GuardedBy("lock")
  private @Nullable Listener<R> listener;

  @GuardedBy("lock")
  private @Nullable CompletableFuture<?> waiting;

  /** Written once, before {@link #passing} is. */
  private @Nullable ClientCall<Q, R> call;

  /** Whether nothing is held any more. */
  private volatile boolean passing;

  private enum State {
    NOT_STARTED,
    WAITING,
    MADE,
    /** Without having been made. */
    ENDED
  }

  /**
   * Waits when it is started.
   *
   * @param make makes the call itself
   * @param room completes when it may be made
   * @param executor tells its listener of an end before it was made. A blocking caller waits for
   *     what its executor is given
   */
  HeldCall(
      Supplier<ClientCall<Q, R>> make,
      Supplier<? extends CompletableFuture<?>> room,
      Executor executor) {
    this.make = make;
    this.room = room;
    this.executor = executor;
  }

  @Override
  public void start(Listener<R> responses, Metadata headers) {
    Context context = Context.current();
    CompletableFuture<?> asked = room.get();
    synchronized (lock) {
      if (state != State.NOT_STARTED) {
        throw new IllegalStateException("the call was started or cancelled before");
      }
      state = State.WAITING;
      listener = responses;
      waiting = asked;
    }
    var unused =
        asked.whenComplete(
            (nothing, failure) -> context.run(() -> goOn(responses, headers, failure)));
  }

  private void goOn(Listener<R> responses, Metadata headers, @Nullable Throwable failure) {
    if (failure != null) {
      StatusRuntimeException denial = Denials.status(failure);
      Metadata trailers = denial.getTrailers();
      end(denial.getStatus(), trailers == null ? new Metadata() : trailers);
      return;
    }
    synchronized (lock) {
      if (state != State.WAITING) {
        return;
      }
      state = State.MADE;
    }
    ClientCall<Q, R> made = make.get();
    call = made;
    made.start(responses, headers);
    while (true) {
      Runnable step;
      synchronized (lock) {
        step = held.poll();
        if (step == null) {
          passing = true;
          return;
        }
      }
      step.run();
    }
  }

  /**
   * Ends it before it was made.
   *
   * @return whether it was not yet, and had not ended
   */
  private boolean end(Status status, Metadata trailers) {
    Listener<R> responses;
    CompletableFuture<?> asked;
    synchronized (lock) {
      if (state == State.MADE) {
        return false;
      }
      if (state == State.ENDED) {
        return true;
      }
      state = State.ENDED;
      held.clear();
      responses = listener;
      asked = waiting;
    }
    if (responses != null) {
      executor.execute(() -> responses.onClose(status, trailers));
    }
    if (asked != null) {
      asked.cancel(true);
    }
    return true;
  }

  private void act(Runnable step) {
    if (!passing) {
      synchronized (lock) {
        if (!passing) {
          if (state != State.ENDED) {
            held.add(step);
          }
          return;
        }
      }
    }
    step.run();
  }

  private ClientCall<Q, R> made() {
    ClientCall<Q, R> made = call;
    if (made == null) {
      throw new IllegalStateException("the call was not started; start it first");
    }
    return made;
  }

  @Override
  public void request(int messages) {
    act(() -> made().request(messages));
  }

  @Override
  public void sendMessage(Q message) {
    act(() -> made().sendMessage(message));
  }

  @Override
  public void halfClose() {
    act(() -> made().halfClose());
  }

  @Override
  public void setMessageCompression(boolean enabled) {
    act(() -> made().setMessageCompression(enabled));
  }

  /** Also while it waits for room: then it ends without having been made. */
  @Override
  public void cancel(@Nullable String message, @Nullable Throwable cause) {
    if (!end(Status.CANCELLED.withDescription(message).withCause(cause), new Metadata())) {
      act(() -> made().cancel(message, cause));
    }
  }

  @Override
  public boolean isReady() {
    return passing && made().isReady();
  }
}
