package io.limiter.server.grpc;

import static io.limiter.server.grpc.Messages.question;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.limiter.server.api.RequestLimits;
import io.limiter.server.decide.DecisionListener;
import io.limiter.server.decide.Limiter;
import io.limiter.server.rules.file.LoadedRules;
import io.limiter.server.rules.file.RuleFiles;
import io.limiter.server.rules.table.RuleTable;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.ExplainRequest;
import io.limiter.v1.ExplainResponse;
import io.limiter.v1.RateLimiterGrpc;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Whoever floods an instance leaves the others theirs. */
class FloodTest {
  private static final String RULES =
      """
      domain: edge
      rules:
        - { name: per-user, key: [user], algorithm: fixed-window, limit: 10, window: 300d }
      """;
  private static final ExplainRequest EXPLAIN =
      ExplainRequest.newBuilder().setDomain("edge").putAttributes("user", "alice").build();
  private static final int FLOOD = 50;

  /** Half of what may be under way in all. */
  private static final int TAKEN_ON = 4;

  private final BlockingQueue<Status> refused = new LinkedBlockingQueue<>();

  @Test
  void oneConnectionsExplanations_leaveOthersTheirs_andTheirDecisions() throws Exception {
    HeldStore store = new HeldStore();
    LoadedRules loaded = RuleFiles.load(List.of(new RuleFiles.Source("edge.yaml", RULES)));
    RuleTable rules = loaded.table().withHash("abc123");
    Limiter limiter = new Limiter(() -> rules, store, DecisionListener.NONE);
    try (Service service = Service.over(RequestLimits.DEFAULTS, limiter)) {
      for (int i = 0; i < FLOOD; i++) {
        service.askAsync().explain(EXPLAIN, refusals());
      }
      for (int i = 0; i < FLOOD - TAKEN_ON; i++) {
        Status status = refused.poll(20, TimeUnit.SECONDS);
        assertEquals(Status.Code.RESOURCE_EXHAUSTED, status == null ? null : status.getCode());
      }
      ManagedChannel other =
          NettyChannelBuilder.forAddress("127.0.0.1", service.server.port()).usePlaintext().build();
      try {
        RateLimiterGrpc.RateLimiterStub ask =
            RateLimiterGrpc.newStub(other).withDeadlineAfter(60, TimeUnit.SECONDS);
        CompletableFuture<ExplainResponse> explained = new CompletableFuture<>();
        CompletableFuture<CheckAndConsumeResponse> decided = new CompletableFuture<>();
        ask.explain(EXPLAIN, new One<>(explained, answer -> answer));
        ask.checkAndConsume(question("bob"), new One<>(decided, answer -> answer));
        for (int i = 0; i < TAKEN_ON + 2; i++) {
          store.next().answer();
        }
        assertEquals(1, explained.get(20, TimeUnit.SECONDS).getRulesCount());
        assertTrue(decided.get(20, TimeUnit.SECONDS).getAllowed());
      } finally {
        other.shutdownNow();
      }
    }
  }

  private StreamObserver<ExplainResponse> refusals() {
    return new StreamObserver<>() {
      @Override
      public void onNext(ExplainResponse answer) {}

      @Override
      public void onError(Throwable failure) {
        refused.add(Status.fromThrowable(failure));
      }

      @Override
      public void onCompleted() {}
    };
  }
}
