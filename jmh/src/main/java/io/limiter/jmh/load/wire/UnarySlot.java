package io.limiter.jmh.load.wire;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.limiter.jmh.load.pace.Slot;
import io.limiter.jmh.load.pace.Tally;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Asks by a call of its own: one way for decisions, batches, Envoy's questions and the baseline.
 */
final class UnarySlot<A> extends Slot {
  private final Channel channel;
  private final MethodDescriptor<Outgoing, A> method;
  private final Writer writer;
  private final Judge<A> judge;
  private final long deadlineNanos;
  private final Outgoing outgoing = new Outgoing();
  private final ClientCall.Listener<A> listener = new Answered();

  /**
   * @param deadline how long the caller waits; zero for one who waits without end
   */
  UnarySlot(
      Tally tally,
      Channel channel,
      MethodDescriptor<?, A> method,
      Writer writer,
      Judge<A> judge,
      Duration deadline) {
    super(tally);
    this.channel = channel;
    this.method = method.toBuilder(Outgoing.MARSHALLER, method.getResponseMarshaller()).build();
    this.writer = writer;
    this.judge = judge;
    deadlineNanos = deadline.toNanos();
  }

  @Override
  public void send() {
    writer.write(outgoing);
    ClientCall<Outgoing, A> call = channel.newCall(method, options());
    call.start(listener, new Metadata());
    call.request(2);
    call.sendMessage(outgoing);
    call.halfClose();
  }

  private CallOptions options() {
    return deadlineNanos == 0
        ? CallOptions.DEFAULT
        : CallOptions.DEFAULT.withDeadlineAfter(deadlineNanos, TimeUnit.NANOSECONDS);
  }

  private final class Answered extends ClientCall.Listener<A> {
    @Override
    public void onMessage(A answer) {
      judge.judge(answer, score());
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      int missing = writer.questions() - score().decisions() - score().failed();
      if (!status.isOk()) {
        score().failed(missing, status.getCode() + ": " + status.getDescription());
      } else if (missing != 0) {
        score().failed(Math.abs(missing), "an answer with another number of decisions");
      }
      answered();
    }
  }
}
