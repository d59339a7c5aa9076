package io.limiter.server.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.client.CheckRequest;
import io.limiter.client.CheckStream;
import io.limiter.client.Decision;
import io.limiter.client.LimiterClient;
import io.limiter.server.api.RateLimiterApi;
import io.limiter.server.api.RequestLimits;
import io.limiter.server.decide.DecisionListener;
import io.limiter.server.decide.Limiter;
import io.limiter.server.decide.Limiters;
import io.limiter.server.envoy.EnvoyApi;
import io.limiter.server.envoy.EnvoySettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The Java client before two real servers, whose counters answer when the test lets them. */
@Timeout(120)
class BalancedClientTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration LONG = Duration.ofDays(1);
  private static final CheckRequest QUESTION = CheckRequest.in("edge").attribute("user", "a");
  private static final CheckRequest KEYED = QUESTION.idempotencyKey("k");

  private final HeldStore first = new HeldStore();
  private final HeldStore second = new HeldStore();
  private final List<GrpcServer> servers = new ArrayList<>();
  private final List<Thread> drains = new ArrayList<>();

  @BeforeEach
  void serve() throws IOException {
    servers.add(serve(first, GrpcConnections.DEFAULTS));
    servers.add(serve(second, GrpcConnections.DEFAULTS));
  }

  @AfterEach
  void stop() throws InterruptedException {
    for (Thread drain : drains) {
      drain.interrupt();
      drain.join();
    }
    servers.forEach(server -> server.shutdown(Duration.ZERO));
  }

  private static GrpcServer serve(HeldStore store, GrpcConnections connections) throws IOException {
    Limiter limiter = Limiters.over(store, DecisionListener.NONE, Rules.yearly(1_000_000));
    return GrpcServer.start(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
        connections,
        new RateLimiterApi(limiter, RequestLimits.DEFAULTS),
        new EnvoyApi(limiter, EnvoySettings.DEFAULTS));
  }

  private LimiterClient client(Duration deadline) {
    return LimiterClient.to(
            "127.0.0.1:" + servers.get(0).port() + ",127.0.0.1:" + servers.get(1).port())
        .deadline(deadline)
        .build();
  }

  private void drain(int server) {
    Thread drain = new Thread(() -> servers.get(server).shutdown(LONG, Duration.ZERO));
    drain.start();
    drains.add(drain);
  }

  /** Asks, answers at once, and tells whether the first one was asked. */
  private boolean reachesFirst(CompletableFuture<Decision> decision, int before)
      throws InterruptedException {
    while (first.asked() + second.asked() == before) {
      assertTrue(!decision.isDone(), () -> "" + decision);
      Thread.onSpinWait();
    }
    boolean reached = first.waits();
    (reached ? first : second).next().answer();
    assertInstanceOf(Decision.Admitted.class, decision.join());
    return reached;
  }

  private boolean ask(LimiterClient client) throws InterruptedException {
    int before = first.asked() + second.asked();
    return reachesFirst(client.checkAsync(QUESTION), before);
  }

  private boolean ask(CheckStream stream) throws InterruptedException {
    int before = first.asked() + second.asked();
    return reachesFirst(stream.check(QUESTION), before);
  }

  private void awaitBoth(LimiterClient client) throws InterruptedException {
    boolean one = ask(client);
    while (ask(client) == one) {
      Thread.onSpinWait();
    }
  }

  @Test
  void callsGoToEachInTurn() throws Exception {
    try (LimiterClient client = client(PATIENCE)) {
      awaitBoth(client);
      boolean last = ask(client);
      for (int i = 0; i < 10; i++) {
        boolean now = ask(client);
        assertEquals(!last, now);
        last = now;
      }
    }
  }

  @Test
  void anInstanceThatDrains_isLeft_alsoByAStream_andStillAnswers() throws Exception {
    try (LimiterClient client = client(PATIENCE);
        CheckStream stream = client.stream()) {
      awaitBoth(client);
      int drained = ask(stream) ? 0 : 1;
      CompletableFuture<Decision> open = stream.check(QUESTION);
      HeldStore.Question waits = (drained == 0 ? first : second).next();
      drain(drained);
      int still = 0;
      for (int elsewhere = 0; elsewhere < 20; elsewhere++) {
        if ((ask(client) ? 0 : 1) == drained) {
          elsewhere = 0;
          still++;
          assertTrue(still < 100_000, "it is not left");
        }
      }
      assertEquals(1 - drained, ask(stream) ? 0 : 1);
      waits.answer();
      assertInstanceOf(Decision.Admitted.class, open.join());
    }
  }

  /** As behind one address of a balancer: the next connection leads elsewhere. */
  @Test
  void whenAllDrain_theyAreAskedAllTheSame() throws Exception {
    try (LimiterClient client = client(PATIENCE)) {
      awaitBoth(client);
      drain(0);
      drain(1);
      for (int i = 0; i < 100; i++) {
        ask(client);
      }
      awaitBoth(client);
    }
  }

  @Test
  void aKeyedQuestionThatOneLeavesUnanswered_isAskedOfTheOther() throws Exception {
    try (LimiterClient client = client(Duration.ofSeconds(2))) {
      awaitBoth(client);
      for (int i = 0; i < 2; i++) {
        CompletableFuture<Decision> decision = client.checkAsync(KEYED);
        // Each has it: whichever was first, the one that was asked too is the other.
        first.next();
        second.next().answer();
        assertInstanceOf(Decision.Admitted.class, decision.join());
      }
    }
  }

  @Test
  void withoutAnother_aQuestionThatIsUnansweredIsNotSentTwice() throws Exception {
    try (LimiterClient client =
        LimiterClient.to("127.0.0.1:" + servers.get(0).port())
            .deadline(Duration.ofSeconds(1))
            .build()) {
      client.awaitReady(PATIENCE);
      assertInstanceOf(Decision.Unreachable.class, client.check(KEYED));
      assertEquals(1, first.asked());
    }
  }

  @Test
  void anOldConnectionsEnd_losesNoCall() throws Exception {
    HeldStore store = new HeldStore();
    GrpcConnections young =
        new GrpcConnections(LONG, LONG, Duration.ofSeconds(1), Duration.ofMinutes(1));
    GrpcServer server = serve(store, young);
    servers.add(server);
    try (LimiterClient client =
        LimiterClient.to("127.0.0.1:" + server.port()).deadline(PATIENCE).build()) {
      CheckStream stream = client.stream();
      long end = System.nanoTime() + Duration.ofMillis(2_600).toNanos();
      while (System.nanoTime() < end) {
        CompletableFuture<Decision> called = client.checkAsync(QUESTION);
        CompletableFuture<Decision> streamed = stream.check(QUESTION);
        store.next().answer();
        store.next().answer();
        assertInstanceOf(Decision.Admitted.class, called.join());
        assertInstanceOf(Decision.Admitted.class, streamed.join());
      }
    }
  }

  @Test
  void aNameThatIsNotFound_doesNotKeepTheOthersFromBeingAsked() throws Exception {
    try (LimiterClient client =
        LimiterClient.to("no-such-host.invalid:1,localhost:" + servers.get(0).port())
            .deadline(PATIENCE)
            .build()) {
      CompletableFuture<Decision> decision = client.checkAsync(QUESTION);
      first.next().answer();
      assertInstanceOf(Decision.Admitted.class, decision.join());
    }
  }
}
