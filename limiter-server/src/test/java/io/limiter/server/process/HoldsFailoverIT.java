package io.limiter.server.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.limiter.testing.Await;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.HoldEnd;
import io.limiter.v1.RateLimiterGrpc;
import io.limiter.v1.RateLimiterGrpc.RateLimiterBlockingStub;
import io.limiter.v1.ReleaseRequest;
import io.limiter.v1.RuleStatus;
import io.limiter.v1.SettleRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Redis fails over to a replica that lacks the last holds and the last settlements. Who ends one of
 * them is told the truth, and every counter comes to what was settled with the one that stayed.
 */
class HoldsFailoverIT {
  private static final int LIMIT = 1_000;
  private static final int PERMITS = 10;
  private static final String RULES =
      """
      domain: llm
      rules:
        - name: tokens
          key: [team]
          unit: tokens
          algorithm: fixed-window
          limit: %d
          window: 366d
          hold: 10m
          on-redis-failure: closed
        - { name: calls, key: [team], algorithm: concurrency, limit: %d, hold: 10m,
            on-redis-failure: closed }
      """;

  @TempDir private Path rules = Path.of("");
  private FailoverRedis redis;
  private ServerProcess server;
  private ManagedChannel channel;

  @BeforeEach
  void start() throws IOException {
    Files.writeString(rules.resolve("llm.yaml"), RULES.formatted(LIMIT, PERMITS));
    redis = new FailoverRedis(() -> System.currentTimeMillis() * 1_000);
    server =
        ServerProcess.serve(
            "--redis", redis.uri(), "--rules", rules.toString(), "--decision-deadline", "5s");
    channel = Grpc.newChannelBuilder(server.grpc(), InsecureChannelCredentials.create()).build();
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    server.close();
    redis.close();
  }

  private RateLimiterBlockingStub stub() {
    return RateLimiterGrpc.newBlockingStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);
  }

  private CheckAndConsumeResponse ask(int cost, long tokens) {
    return stub()
        .checkAndConsume(
            CheckAndConsumeRequest.newBuilder()
                .setDomain("llm")
                .putAttributes("team", "a")
                .setCost(cost)
                .putUnitCosts("tokens", tokens)
                .setHold(Duration.newBuilder().setSeconds(600))
                .build());
  }

  private ByteString take(long tokens) {
    CheckAndConsumeResponse answer = ask(1, tokens);
    assertTrue(answer.getAllowed());
    return answer.getReceipt();
  }

  private HoldEnd settle(ByteString receipt, long tokens) {
    return stub()
        .settle(
            SettleRequest.newBuilder().setReceipt(receipt).putUnitCosts("tokens", tokens).build())
        .getEnd();
  }

  private HoldEnd release(ByteString receipt) {
    return stub().release(ReleaseRequest.newBuilder().setReceipt(receipt).build()).getEnd();
  }

  /** The first answer of the Redis that took over. */
  private static <T> T first(Supplier<T> call) {
    List<T> answers = new ArrayList<>();
    Await.until(
        () -> {
          try {
            answers.add(call.get());
          } catch (StatusRuntimeException stillAway) {
            return false;
          }
          return true;
        });
    return answers.get(0);
  }

  private void assertCounts(long used, long held, long permits) {
    CheckAndConsumeResponse look = ask(0, 0);
    RuleStatus tokens = look.getStatuses(0);
    assertEquals(LIMIT - used, tokens.getRemaining());
    assertEquals(held, tokens.getHeld());
    assertEquals(0, tokens.getOwed());
    assertEquals(PERMITS - permits, look.getStatuses(1).getRemaining());
    assertEquals(permits, look.getStatuses(1).getHeld());
  }

  @Test
  void whatTheFailoverLost_isUnknown_andWhatItKeptEndsOnce() {
    ByteString kept = take(300);
    ByteString settledInVain = take(200);
    List<ByteString> lost = new ArrayList<>();
    redis.promote(
        () -> {
          assertEquals(HoldEnd.ENDED, settle(settledInVain, 50));
          lost.add(take(100));
          lost.add(take(100));
          assertCounts(300 + 50 + 200, 500, 3);
        },
        () -> {});

    assertEquals(HoldEnd.UNKNOWN_HOLD, first(() -> settle(lost.get(0), 100)));
    assertEquals(HoldEnd.UNKNOWN_HOLD, release(lost.get(1)));
    // The settlement was lost with its Redis: the hold stands, and whoever settles again ends it.
    assertCounts(500, 500, 2);
    assertEquals(HoldEnd.ENDED, settle(settledInVain, 50));
    assertEquals(HoldEnd.ENDED_BEFORE, settle(settledInVain, 50));
    assertEquals(HoldEnd.ENDED, settle(kept, 400));
    assertCounts(450, 0, 0);
    assertEquals(HoldEnd.UNKNOWN_HOLD, settle(lost.get(1), 100));
    assertCounts(450, 0, 0);
  }

  @Test
  void whoBeginsEmpty_knowsNoHold_andIsNeverBelowEmptyNorStuck() {
    List<ByteString> lost = new ArrayList<>();
    for (int i = 0; i < PERMITS; i++) {
      lost.add(take(100));
    }
    assertFalse(ask(1, 1).getAllowed());
    redis.beginEmpty(() -> {});

    assertEquals(HoldEnd.UNKNOWN_HOLD, first(() -> settle(lost.get(0), 1_000)));
    for (ByteString one : lost.subList(1, PERMITS)) {
      assertEquals(HoldEnd.UNKNOWN_HOLD, release(one));
    }
    assertCounts(0, 0, 0);
    take(LIMIT);
    assertCounts(LIMIT, LIMIT, 1);
  }
}
