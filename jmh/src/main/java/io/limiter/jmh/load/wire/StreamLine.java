package io.limiter.jmh.load.wire;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.limiter.jmh.load.pace.Slot;
import io.limiter.jmh.load.pace.Tally;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.RateLimiterGrpc;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The one call that carries the questions of a connection. An answer finds its slot by its
 * request_id, which is the slot's number. When the call ends, the questions that wait have failed,
 * and the next one opens another call.
 */
final class StreamLine {
  private final MethodDescriptor<Outgoing, CheckAndConsumeResponse> method;
  private final Channel channel;
  private final List<StreamSlot> slots = new ArrayList<>();

  // Guarded by this: gRPC demands one writer at a time.
  private @Nullable ClientCall<Outgoing, CheckAndConsumeResponse> call;

  StreamLine(Channel channel) {
    this.channel = channel;
    var generated = RateLimiterGrpc.getCheckAndConsumeStreamMethod();
    method = generated.toBuilder(Outgoing.MARSHALLER, generated.getResponseMarshaller()).build();
  }

  Slot slot(Tally tally, Writer writer) {
    StreamSlot slot = new StreamSlot(tally, writer);
    slots.add(slot);
    return slot;
  }

  private synchronized void send(Outgoing outgoing) {
    ClientCall<Outgoing, CheckAndConsumeResponse> open = call;
    if (open == null) {
      open = channel.newCall(method, CallOptions.DEFAULT);
      call = open;
      open.start(new Answers(open), new Metadata());
      open.request(Integer.MAX_VALUE);
    }
    open.sendMessage(outgoing);
  }

  private synchronized void forget(ClientCall<Outgoing, CheckAndConsumeResponse> ended) {
    if (call == ended) {
      call = null;
    }
  }

  /** The number of the slot, as its request_id says it. */
  private StreamSlot slotOf(CheckAndConsumeResponse answer) {
    int number = Integer.parseInt(answer.getRequestId());
    StreamSlot slot = slots.get(number);
    if (!slot.waits) {
      throw new IllegalStateException("an answer to no question: request_id " + number);
    }
    return slot;
  }

  private final class StreamSlot extends Slot {
    private final Writer writer;
    private final Outgoing outgoing = new Outgoing();
    private volatile boolean waits;

    StreamSlot(Tally tally, Writer writer) {
      super(tally);
      this.writer = writer;
    }

    @Override
    public void send() {
      writer.write(outgoing);
      waits = true;
      StreamLine.this.send(outgoing);
    }
  }

  private final class Answers extends ClientCall.Listener<CheckAndConsumeResponse> {
    private final ClientCall<Outgoing, CheckAndConsumeResponse> of;

    Answers(ClientCall<Outgoing, CheckAndConsumeResponse> of) {
      this.of = of;
    }

    @Override
    public void onMessage(CheckAndConsumeResponse answer) {
      StreamSlot slot = slotOf(answer);
      slot.waits = false;
      Judge.DECISION.judge(answer, slot.score());
      slot.answered();
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      forget(of);
      for (StreamSlot slot : slots) {
        if (slot.waits) {
          slot.waits = false;
          slot.score().failed(1, status.getCode() + ": " + status.getDescription());
          slot.answered();
        }
      }
    }
  }
}
