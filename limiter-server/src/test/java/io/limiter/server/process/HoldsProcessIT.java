package io.limiter.server.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.limiter.testing.TestRedis;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.ExtendRequest;
import io.limiter.v1.HoldEnd;
import io.limiter.v1.RateLimiterGrpc;
import io.limiter.v1.RateLimiterGrpc.RateLimiterFutureStub;
import io.limiter.v1.ReleaseRequest;
import io.limiter.v1.RuleStatus;
import io.limiter.v1.SettleRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Streams of tokens at the same time through three processes of the service, one of which is
 * killed: streams that use less or more than they reserved, that are aborted, and that nobody ends.
 * How many, {@code -Dholds.streams} says.
 */
class HoldsProcessIT {
  private static final int STREAMS = Integer.getInteger("holds.streams", 1_500);
  private static final long BUDGET = STREAMS * 60L;
  private static final int RESERVED = 200;
  private static final long PATIENCE_SECONDS = 120;
  private static final String RULES =
      """
      domain: llm
      rules:
        - name: budget
          key: [team]
          unit: tokens
          algorithm: fixed-window
          limit: %d
          window: 366d
          hold: 4s
        - { name: streams, key: [team], algorithm: concurrency, limit: %d, hold: 4s }
      """;

  @TempDir static Path rules;
  private static final List<ServerProcess> servers = new ArrayList<>();
  private static final List<ManagedChannel> channels = new ArrayList<>();
  private static final ScheduledExecutorService clock = Executors.newScheduledThreadPool(2);

  @BeforeAll
  static void start() throws IOException {
    Files.writeString(rules.resolve("llm.yaml"), RULES.formatted(BUDGET, STREAMS));
    for (int i = 0; i < 3; i++) {
      ServerProcess server =
          ServerProcess.serve(
              "--redis",
              TestRedis.shared().uri(),
              "--rules",
              rules.toString(),
              "--decision-deadline",
              "1m");
      servers.add(server);
      channels.add(
          Grpc.newChannelBuilder(server.grpc(), InsecureChannelCredentials.create()).build());
    }
  }

  @AfterAll
  static void stop() {
    clock.shutdownNow();
    channels.forEach(ManagedChannel::shutdownNow);
    servers.forEach(ServerProcess::close);
  }

  private static RateLimiterFutureStub stub(int which) {
    return RateLimiterGrpc.newFutureStub(channels.get(which % channels.size()))
        .withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  private static Duration seconds(int seconds) {
    return Duration.newBuilder().setSeconds(seconds).build();
  }

  private static CheckAndConsumeRequest.Builder question(String team, long tokens) {
    return CheckAndConsumeRequest.newBuilder()
        .setDomain("llm")
        .putAttributes("team", team)
        .putUnitCosts("tokens", tokens);
  }

  private static RuleStatus budget(CheckAndConsumeResponse answer) {
    return answer.getStatuses(0);
  }

  /** One crowd of streams, and what it came to. */
  private static final class Crowd {
    private final String team = UUID.randomUUID().toString();
    private final CountDownLatch running = new CountDownLatch(STREAMS);
    private final AtomicLong settled = new AtomicLong();
    private final AtomicLong owed = new AtomicLong();
    private final AtomicInteger admitted = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();
    private final AtomicInteger lost = new AtomicInteger();
    private final AtomicLong afterTheFact = new AtomicLong();

    void run() throws InterruptedException {
      Random random = new Random(20_260_101);
      for (int i = 0; i < STREAMS; i++) {
        new Stream(i, new Random(random.nextLong())).ask();
      }
      assertTrue(
          running.await(PATIENCE_SECONDS, TimeUnit.SECONDS), () -> running + " streams run on");
    }

    /** One stream. A call that fails is made again, of another process. */
    private final class Stream {
      private final int number;
      private final Random random;
      private final long used;
      private final int fate;
      private int tries;
      private boolean counted;

      Stream(int number, Random random) {
        this.number = number;
        this.random = random;
        used = random.nextInt(10) == 0 ? RESERVED + random.nextInt(50) : random.nextInt(RESERVED);
        fate = random.nextInt(100);
      }

      private <T> void call(
          Function<RateLimiterFutureStub, ListenableFuture<T>> ask, FutureCallback<T> then) {
        Futures.addCallback(
            ask.apply(stub(number + tries)),
            new FutureCallback<T>() {
              @Override
              public void onSuccess(T answer) {
                then.onSuccess(answer);
              }

              @Override
              public void onFailure(Throwable failure) {
                tries++;
                var unused = clock.schedule(() -> call(ask, then), 20, TimeUnit.MILLISECONDS);
              }
            },
            clock);
      }

      private <T> void then(
          Function<RateLimiterFutureStub, ListenableFuture<T>> ask, Consumer<T> next) {
        call(
            ask,
            new FutureCallback<T>() {
              @Override
              public void onSuccess(T answer) {
                next.accept(answer);
              }

              @Override
              public void onFailure(Throwable never) {}
            });
      }

      void ask() {
        // Counted when it is over, it would begin as long as less than the budget is counted by
        // now.
        if (!counted && settled.get() < BUDGET) {
          counted = true;
          afterTheFact.addAndGet(used);
        }
        CheckAndConsumeRequest asked =
            question(team, RESERVED)
                .setHold(seconds(4))
                .setIdempotencyKey(UUID.randomUUID().toString())
                .build();
        then(stub -> stub.checkAndConsume(asked), this::heard);
      }

      private void heard(CheckAndConsumeResponse answer) {
        if (answer.getAllowed()) {
          admitted.incrementAndGet();
          var unused =
              clock.schedule(
                  () -> flow(answer.getReceipt()), 20 + random.nextInt(400), TimeUnit.MILLISECONDS);
        } else if (budget(answer).getHeld() == 0) {
          // Nothing comes free any more.
          running.countDown();
        } else {
          var unused = clock.schedule(this::ask, 50, TimeUnit.MILLISECONDS);
        }
      }

      private void flow(ByteString receipt) {
        if (fate < 3) {
          lost.incrementAndGet();
          running.countDown();
        } else if (fate < 8) {
          then(
              stub -> stub.release(ReleaseRequest.newBuilder().setReceipt(receipt).build()),
              done -> over(done.getEnd(), 0));
        } else if (fate < 16) {
          then(
              stub ->
                  stub.extend(
                      ExtendRequest.newBuilder()
                          .setReceipt(receipt)
                          .setHold(seconds(4))
                          .putMoreUnitCosts("tokens", 0)
                          .build()),
              renewed -> settle(receipt, used));
        } else {
          settle(receipt, fate < 26 ? used / 2 : used);
        }
      }

      private void settle(ByteString receipt, long tokens) {
        then(
            stub ->
                stub.settle(
                    SettleRequest.newBuilder()
                        .setReceipt(receipt)
                        .putUnitCosts("tokens", tokens)
                        .build()),
            done -> over(done.getEnd(), tokens));
      }

      /** Sent again after an answer that was lost, it ended before: by itself. */
      private void over(HoldEnd end, long tokens) {
        assertTrue(end != HoldEnd.UNKNOWN_HOLD && end != HoldEnd.HOLD_END_UNSPECIFIED);
        settled.addAndGet(tokens);
        // What comes when its hold has expired is charged all the same.
        owed.addAndGet(end == HoldEnd.EXPIRED ? tokens : Math.max(0, tokens - RESERVED));
        ended.incrementAndGet();
        running.countDown();
      }
    }
  }

  private static CheckAndConsumeResponse look(String team) throws Exception {
    return stub(1).checkAndConsume(question(team, 0).setCost(0).build()).get();
  }

  @Test
  void streams_useTheBudgetUp_andNoMore_whoeverDies() throws Exception {
    Crowd crowd = new Crowd();
    var unused = clock.schedule(() -> servers.get(0).kill(), 300, TimeUnit.MILLISECONDS);
    crowd.run();
    CheckAndConsumeResponse last = look(crowd.team);
    while (budget(last).getHeld() > 0 || last.getStatuses(1).getHeld() > 0) {
      last = look(crowd.team);
    }
    long overTheLimit = budget(last).getOwed();
    long used = BUDGET - budget(last).getRemaining() + overTheLimit;
    System.out.printf(
        "%d streams, %d admitted, %d ended, %d lost: budget %d, settled %d, counted %d, owed %d of"
            + " at most %d; counted after the fact %d%n",
        STREAMS,
        crowd.admitted.get(),
        crowd.ended.get(),
        crowd.lost.get(),
        BUDGET,
        crowd.settled.get(),
        used,
        overTheLimit,
        crowd.owed.get(),
        crowd.afterTheFact.get());
    assertEquals(crowd.settled.get(), used, "what was settled is what is counted");
    assertTrue(used <= BUDGET + crowd.owed.get(), "no more than settlements owed");
    assertTrue(
        crowd.settled.get() >= 0.9 * BUDGET || crowd.admitted.get() == STREAMS,
        "the budget was used while there was demand");
    assertEquals(STREAMS, last.getStatuses(1).getRemaining(), "every permit is back");
  }

  @Test
  void whoIsGoneWithAThousandHolds_keepsNothingBeyondTheirTime() throws Exception {
    String team = UUID.randomUUID().toString();
    ManagedChannel gone =
        Grpc.newChannelBuilder(servers.get(1).grpc(), InsecureChannelCredentials.create()).build();
    RateLimiterFutureStub stub = RateLimiterGrpc.newFutureStub(gone);
    List<ListenableFuture<CheckAndConsumeResponse>> all = new ArrayList<>();
    int holds = Math.min(1_000, STREAMS);
    for (int i = 0; i < holds; i++) {
      all.add(stub.checkAndConsume(question(team, 20).setHold(seconds(2)).build()));
    }
    for (ListenableFuture<CheckAndConsumeResponse> one : all) {
      assertTrue(one.get().getAllowed());
    }
    gone.shutdownNow();
    while (budget(look(team)).getRemaining() < BUDGET) {
      Thread.onSpinWait();
    }
    CheckAndConsumeResponse back = look(team);
    assertEquals(0, budget(back).getHeld());
    assertEquals(STREAMS, back.getStatuses(1).getRemaining());
  }
}
