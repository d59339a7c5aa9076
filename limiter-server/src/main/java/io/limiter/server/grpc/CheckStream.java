package io.limiter.server.grpc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.limiter.server.access.Asker;
import io.limiter.server.api.Failures;
import io.limiter.server.api.RateLimiterApi;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One stream of questions and their responses.
 *
 * <p>Responses come on any thread and in any order, but only one thread may write to a stream: the
 * lock sees to that. The stream also bounds memory. A client may send {@code inFlight} questions
 * ahead; each response lets it send one more, but only while it reads its responses.
 */
final class CheckStream implements StreamObserver<CheckAndConsumeRequest> {
  private final ServerCallStreamObserver<CheckAndConsumeResponse> out;
  private final RateLimiterApi api;
  private final Asker who;
  private final int inFlight;
  private final Consumer<CheckStream> onEnd;

  /** What it came on; null for a stream that came on none, as in tests. */
  private final @Nullable Connection connection = Connection.current();

  /** Made once: a method reference would be an object for each question. */
  private final Consumer<CheckAndConsumeResponse> respond = this::respond;

  private final Object lock = new Object();

  @GuardedBy("lock")
  private int unanswered;

  /** Answered questions that no other was requested for yet. */
  @GuardedBy("lock")
  private int vacant;

  @GuardedBy("lock")
  private boolean halfClosed;

  @GuardedBy("lock")
  private boolean draining;

  @GuardedBy("lock")
  private boolean ended;

  CheckStream(
      ServerCallStreamObserver<CheckAndConsumeResponse> out,
      RateLimiterApi api,
      Asker who,
      Consumer<CheckStream> onEnd) {
    this.out = out;
    this.api = api;
    this.who = who;
    this.inFlight = api.limits().streamInFlight();
    this.onEnd = onEnd;
  }

  /** Requests the first questions. To be called before the call's method returns. */
  void start() {
    out.disableAutoRequest();
    out.setOnReadyHandler(() -> requestMore(1));
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
      refused = draining;
    }
    if (refused) {
      respond(RateLimiterApi.errorResponse(wire, Failures.shuttingDown()));
    } else {
      ask(wire);
    }
  }

  /** gRPC may hand on a question when it is requested, and not when it was read. */
  private void ask(CheckAndConsumeRequest wire) {
    if (connection == null || connection == Connection.current()) {
      api.checkStreamed(who, wire, respond);
    } else {
      connection.run(() -> api.checkStreamed(who, wire, respond));
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

  /** Takes no more questions. Ends when those it took are answered. */
  void drain() {
    synchronized (lock) {
      draining = true;
      endIfDone();
    }
  }

  private void respond(CheckAndConsumeResponse response) {
    synchronized (lock) {
      unanswered--;
      vacant++;
      if (ended) {
        return;
      }
      out.onNext(response);
      endIfDone();
    }
    // In bunches: each request costs a task on the connection's event loop.
    requestMore(Math.max(1, inFlight / 8));
  }

  /** Requests as many as were answered, if these are enough and the client reads on. */
  private void requestMore(int atLeast) {
    int more;
    synchronized (lock) {
      if (ended || draining || vacant < atLeast || !out.isReady()) {
        return;
      }
      more = vacant;
      vacant = 0;
    }
    out.request(more);
  }

  @GuardedBy("lock")
  private void endIfDone() {
    if (ended || unanswered > 0 || !(halfClosed || draining)) {
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
