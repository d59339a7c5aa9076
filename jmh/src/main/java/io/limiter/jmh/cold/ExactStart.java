package io.limiter.jmh.cold;

import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.RateLimiterGrpc;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** Three fresh services on busy processors, of which many callers ask one counter together. */
final class ExactStart {
  private static final int SERVICES = 3;
  private static final int CALLERS = 48;
  private static final int LIMIT = 2_000;

  private final ColdFlags flags;
  private final Path rules;
  private final String redis;

  ExactStart(ColdFlags flags, Path rules, String redis) {
    this.flags = flags;
    this.rules = rules;
    this.redis = redis;
  }

  /** Returns whether exactly the limit was admitted, and nothing failed. */
  boolean run() throws IOException, InterruptedException {
    AtomicBoolean busy = new AtomicBoolean(true);
    for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
      Thread burner = new Thread(() -> burn(busy), "busy");
      burner.setDaemon(true);
      burner.start();
    }
    List<FreshService> services = new ArrayList<>();
    try {
      for (int i = 0; i < SERVICES; i++) {
        services.add(FreshService.start(flags.program, rules, redis));
      }
      for (FreshService service : services) {
        service.awaitPort();
      }
      return ask(services);
    } finally {
      busy.set(false);
      services.forEach(FreshService::close);
    }
  }

  private static void burn(AtomicBoolean busy) {
    while (busy.get()) {
      Thread.onSpinWait();
    }
  }

  private boolean ask(List<FreshService> services) throws InterruptedException {
    List<ManagedChannel> channels = new ArrayList<>();
    for (FreshService service : services) {
      channels.add(
          NettyChannelBuilder.forAddress(service.address()).usePlaintext().disableRetry().build());
    }
    Slices slices = new Slices(Duration.ofMillis(100));
    AtomicInteger left = new AtomicInteger(10 * LIMIT);
    String user = UUID.randomUUID().toString();
    List<Thread> callers = new ArrayList<>();
    for (int i = 0; i < CALLERS; i++) {
      ManagedChannel channel = channels.get(i % SERVICES);
      Thread caller = new Thread(() -> ask(channel, user, left, slices), "caller-" + i);
      callers.add(caller);
      caller.start();
    }
    for (Thread caller : callers) {
      caller.join();
    }
    channels.forEach(ManagedChannel::shutdownNow);
    System.out.println(Slices.head());
    System.out.println(slices.total() + "  " + slices.reasons());
    System.out.printf("admitted %d of a limit of %d%n", slices.admitted(), LIMIT);
    return slices.admitted() == LIMIT && slices.failures() == 0;
  }

  private void ask(ManagedChannel channel, String user, AtomicInteger left, Slices slices) {
    RateLimiterGrpc.RateLimiterBlockingStub stub = RateLimiterGrpc.newBlockingStub(channel);
    while (left.getAndDecrement() > 0) {
      long sent = System.nanoTime();
      slices.asked(0);
      try {
        CheckAndConsumeResponse answer =
            stub.withDeadlineAfter(flags.deadline.toNanos(), TimeUnit.NANOSECONDS)
                .checkAndConsume(Asker.question("exact", user, 1));
        slices.ended(0, Asker.outcome(answer), answer.getSource().name(), System.nanoTime() - sent);
      } catch (StatusRuntimeException failed) {
        slices.ended(
            0,
            Slices.Outcome.FAILED,
            failed.getStatus().getCode().toString(),
            System.nanoTime() - sent);
      }
    }
  }
}
