package io.limiter.client.grpc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.grpc.ServerCall;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Hears what happens to a call that waits for its decision, and passes it on in order once there is
 * somebody to hear it. Never tells two things at once, as gRPC promises its listeners.
 */
final class HeldListener<Q> extends ServerCall.Listener<Q> {
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final Queue<Runnable> held = new ArrayDeque<>();

  @GuardedBy("lock")
  private boolean cancelled;

  /** Written once, before {@link #passing} is. */
  private ServerCall.@Nullable Listener<Q> listener;

  private final Runnable givenUp;

  /** Whether nothing is held any more, so that events go straight on. */
  private volatile boolean passing;

  /**
   * Holds everything at first.
   *
   * @param givenUp run when the caller gives up
   */
  HeldListener(Runnable givenUp) {
    this.givenUp = givenUp;
  }

  /** Whether the caller gave up before there was a decision. */
  boolean isCancelled() {
    synchronized (lock) {
      return cancelled;
    }
  }

  /** Everything that was held goes to this one, and then what comes. */
  void passTo(ServerCall.Listener<Q> next) {
    listener = next;
    while (true) {
      Runnable event;
      synchronized (lock) {
        event = held.poll();
        if (event == null) {
          passing = true;
          return;
        }
      }
      event.run();
    }
  }

  private void tell(Runnable event) {
    if (!passing) {
      synchronized (lock) {
        if (!passing) {
          held.add(event);
          return;
        }
      }
    }
    event.run();
  }

  private ServerCall.Listener<Q> next() {
    ServerCall.Listener<Q> next = listener;
    if (next == null) {
      throw new IllegalStateException("nobody hears this call yet");
    }
    return next;
  }

  @Override
  public void onMessage(Q message) {
    tell(() -> next().onMessage(message));
  }

  @Override
  public void onHalfClose() {
    tell(() -> next().onHalfClose());
  }

  @Override
  public void onCancel() {
    synchronized (lock) {
      cancelled = true;
    }
    givenUp.run();
    tell(() -> next().onCancel());
  }

  @Override
  public void onComplete() {
    tell(() -> next().onComplete());
  }

  @Override
  public void onReady() {
    tell(() -> next().onReady());
  }
}
