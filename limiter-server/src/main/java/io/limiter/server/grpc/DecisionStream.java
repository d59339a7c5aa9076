package io.limiter.server.grpc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.limiter.server.api.Decisions;
import io.limiter.server.api.Failures;
import io.limiter.server.api.ReplyWriter;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import java.util.function.Consumer;

/**
 * One stream of questions and their answers.
 *
 * <p>Answers come on any thread and in any order, but a stream may be written by one thread at a
 * time: the lock sees to it. It also bounds what is held: a client may send {@code inFlight}
 * questions ahead, and each answer lets it send one more, but only while it reads its answers.
 */
final class DecisionStream implements StreamObserver<CheckAndConsumeRequest> {
  private final ServerCallStreamObserver<CheckAndConsumeResponse> out;
  private final Decisions decisions;
  private final int inFlight;
  private final Consumer<DecisionStream> onEnd;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private int unanswered;

  /** Questions that were answered and for which no other has been let in yet. */
  @GuardedBy("lock")
  private int vacant;

  @GuardedBy("lock")
  private boolean halfClosed;

  @GuardedBy("lock")
  private boolean finishing;

  @GuardedBy("lock")
  private boolean ended;

  DecisionStream(
      ServerCallStreamObserver<CheckAndConsumeResponse> out,
      Decisions decisions,
      int inFlight,
      Consumer<DecisionStream> onEnd) {
    this.out = out;
    this.decisions = decisions;
    this.inFlight = inFlight;
    this.onEnd = onEnd;
  }

  /** Lets the first questions in. To be called before the call's method returns. */
  void start() {
    out.disableAutoRequest();
    out.setOnReadyHandler(() -> letIn(1));
    out.setOnCancelHandler(this::abandon);
    out.request(inFlight);
  }

  @Override
  public void onNext(CheckAndConsumeRequest wire) {
    boolean refused;
    synchronized (lock) {
      if (ended) {
        return;
      }
      unanswered++;
      refused = finishing;
    }
    if (refused) {
      reply(ReplyWriter.reply(wire.getRequestId(), Failures.shuttingDown()));
    } else {
      decisions.streamEntry(wire, this::reply);
    }
  }

  @Override
  public void onCompleted() {
    synchronized (lock) {
      halfClosed = true;
      endIfDone();
    }
  }

  @Override
  public void onError(Throwable gone) {
    abandon();
  }

  /** Takes no more questions; ends when those it took are answered. */
  void finish() {
    synchronized (lock) {
      finishing = true;
      endIfDone();
    }
  }

  private void reply(CheckAndConsumeResponse reply) {
    synchronized (lock) {
      unanswered--;
      vacant++;
      if (ended) {
        return;
      }
      out.onNext(reply);
      endIfDone();
    }
    // In bunches: each costs a task on the connection's thread.
    letIn(Math.max(1, inFlight / 8));
  }

  /** Makes up for answered questions, if there are at least so many and the client reads on. */
  private void letIn(int atLeast) {
    int more;
    synchronized (lock) {
      if (ended || finishing || vacant < atLeast || !out.isReady()) {
        return;
      }
      more = vacant;
      vacant = 0;
    }
    out.request(more);
  }

  @GuardedBy("lock")
  private void endIfDone() {
    if (ended || unanswered > 0 || !(halfClosed || finishing)) {
      return;
    }
    ended = true;
    onEnd.accept(this);
    if (halfClosed) {
      out.onCompleted();
    } else {
      out.onError(StatusProto.toStatusRuntimeException(Failures.shuttingDown()));
    }
  }

  private void abandon() {
    synchronized (lock) {
      ended = true;
    }
    onEnd.accept(this);
  }
}
