package io.limiter.jmh.cold;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.limiter.envoy.descriptor.RateLimitDescriptor;
import io.limiter.envoy.service.RateLimitRequest;
import io.limiter.envoy.service.RateLimitResponse;
import io.limiter.envoy.service.RateLimitServiceGrpc;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.RateLimiterGrpc;
import io.limiter.v1.Source;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Asks one service at a fixed rate, whether it answers or not, over connections of its own. Each
 * question has its deadline from when it is sent.
 */
final class Asker implements AutoCloseable {
  static final String DOMAIN = "cold";

  /** Those of the rule that admits all; as many for the one that is used up. */
  static final int USERS = 256;

  /** One question in so many is about a counter that is used up. */
  private static final int DENIED_IN = 8;

  private static final int WARM_UP_IN_FLIGHT = 64;

  private final List<ManagedChannel> channels = new ArrayList<>();
  private final boolean envoy;
  private long lateNanos;

  Asker(SocketAddress target, int connections, boolean envoy) {
    this.envoy = envoy;
    for (int i = 0; i < connections; i++) {
      channels.add(
          NettyChannelBuilder.forAddress(target)
              .usePlaintext()
              .directExecutor()
              .disableRetry()
              .build());
    }
  }

  /** Rules for all that is asked. */
  static String rules() {
    return """
        domain: cold
        rules:
          - { name: open, key: [user], when: {to: open}, algorithm: fixed-window, limit: 1000000000, window: 366d,
              on-redis-failure: closed }
          - { name: closed, key: [user], when: {to: closed}, algorithm: fixed-window, limit: 1, window: 366d }
          - { name: exact, key: [user], when: {to: exact}, algorithm: fixed-window, limit: 2000, window: 366d }
        """;
  }

  /** Asks for a while, and returns when everything that was asked has ended. */
  Slices ask(double perSecond, Duration time, Duration deadline) {
    Slices slices = new Slices(time);
    long count = Math.max(1, (long) (perSecond * time.toNanos() / 1e9));
    long start = System.nanoTime();
    lateNanos = 0;
    for (long i = 0; i < count; i++) {
      long due = start + (long) (i * 1e9 / perSecond);
      long left = due - System.nanoTime();
      while (left > 0) {
        LockSupport.parkNanos(left);
        left = due - System.nanoTime();
      }
      lateNanos = Math.max(lateNanos, -left);
      int slice = (int) Math.min(slices.slices() - 1, (due - start) / Slices.SLICE_NANOS);
      send((int) i, slice, deadline, slices);
    }
    while (slices.ended() < slices.asked()) {
      LockSupport.parkNanos(1_000_000);
    }
    return slices;
  }

  /** How late a question was sent at most: that is the generator's fault. */
  long lateNanos() {
    return lateNanos;
  }

  /**
   * Asks as fast as answers come, and counts nothing: until the code of this process is compiled.
   */
  void warmUp(Duration time) {
    Slices unused = new Slices(Slices.SLICE);
    long end = System.nanoTime() + time.toNanos();
    for (int i = 0; System.nanoTime() - end < 0; ) {
      if (unused.asked() - unused.ended() < WARM_UP_IN_FLIGHT) {
        send(i++, 0, Duration.ofSeconds(10), unused);
      } else {
        LockSupport.parkNanos(50_000);
      }
    }
    while (unused.ended() < unused.asked()) {
      LockSupport.parkNanos(1_000_000);
    }
  }

  private void send(int i, int slice, Duration deadline, Slices slices) {
    String to = i % DENIED_IN == DENIED_IN - 1 ? "closed" : "open";
    String user = Integer.toString((int) ((i * 0x9E3779B1L) >>> 7) & (USERS - 1));
    if (envoy) {
      send(
          i,
          RateLimitServiceGrpc.getShouldRateLimitMethod(),
          descriptors(to, user),
          deadline,
          new Answer<>(slice, slices, Asker::outcome));
    } else {
      send(
          i,
          RateLimiterGrpc.getCheckAndConsumeMethod(),
          question(to, user, 1),
          deadline,
          new Answer<>(slice, slices, Asker::outcome));
    }
  }

  private <Q, A> void send(
      int i, MethodDescriptor<Q, A> method, Q question, Duration deadline, Answer<A> answer) {
    answer.slices.asked(answer.slice);
    ClientCall<Q, A> call =
        channels
            .get(i % channels.size())
            .newCall(
                method,
                CallOptions.DEFAULT.withDeadlineAfter(deadline.toNanos(), TimeUnit.NANOSECONDS));
    call.start(answer, new Metadata());
    call.request(2);
    call.sendMessage(question);
    call.halfClose();
  }

  static CheckAndConsumeRequest question(String to, String user, int cost) {
    return CheckAndConsumeRequest.newBuilder()
        .setDomain(DOMAIN)
        .putAttributes("to", to)
        .putAttributes("user", user)
        .setCost(cost)
        .build();
  }

  private static RateLimitRequest descriptors(String to, String user) {
    RateLimitDescriptor.Builder descriptor = RateLimitDescriptor.newBuilder();
    descriptor.addEntriesBuilder().setKey("to").setValue(to);
    descriptor.addEntriesBuilder().setKey("user").setValue(user);
    return RateLimitRequest.newBuilder().setDomain(DOMAIN).addDescriptors(descriptor).build();
  }

  private static Slices.Outcome outcome(RateLimitResponse answer) {
    return answer.getOverallCode() == RateLimitResponse.Code.OK
        ? Slices.Outcome.ADMITTED
        : Slices.Outcome.DENIED;
  }

  static Slices.Outcome outcome(CheckAndConsumeResponse answer) {
    Source source = answer.getSource();
    if (source != Source.REDIS && source != Source.DENY_CACHE && source != Source.LEASE) {
      return Slices.Outcome.FELL_BACK;
    }
    return answer.getAllowed() ? Slices.Outcome.ADMITTED : Slices.Outcome.DENIED;
  }

  /**
   * How much the rule that admits all was charged, by asking what is left.
   *
   * @throws StatusRuntimeException when that cannot be told
   */
  long charged() {
    long charged = 0;
    for (int user = 0; user < USERS; user++) {
      CheckAndConsumeResponse answer =
          RateLimiterGrpc.newBlockingStub(channels.get(0))
              .withDeadlineAfter(10, TimeUnit.SECONDS)
              .checkAndConsume(question("open", Integer.toString(user), 0));
      charged += 1_000_000_000L - answer.getStatuses(0).getRemaining();
    }
    return charged;
  }

  /** Hears the end of one call. Makes nothing of a failure that would cost more than an answer. */
  private static final class Answer<A> extends ClientCall.Listener<A> {
    private final int slice;
    private final Slices slices;
    private final Function<A, Slices.Outcome> judge;
    private final long sentNanos = System.nanoTime();
    private @Nullable A answer;

    Answer(int slice, Slices slices, Function<A, Slices.Outcome> judge) {
      this.slice = slice;
      this.slices = slices;
      this.judge = judge;
    }

    @Override
    public void onMessage(A message) {
      answer = message;
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      long took = System.nanoTime() - sentNanos;
      if (answer == null || !status.isOk()) {
        slices.ended(slice, Slices.Outcome.FAILED, why(status), took);
      } else {
        slices.ended(slice, judge.apply(answer), "answered by a fallback", took);
      }
    }

    private static String why(Status status) {
      String said = String.valueOf(status.getDescription());
      return status.getCode() == Status.Code.DEADLINE_EXCEEDED
          ? "DEADLINE_EXCEEDED"
          : status.getCode() + ": " + said;
    }
  }

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
  }
}
