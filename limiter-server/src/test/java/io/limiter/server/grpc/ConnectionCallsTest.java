package io.limiter.server.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.util.concurrent.ListenableFuture;
import io.limiter.server.store.local.LocalCounters;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.RateLimiterGrpc;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a connection has under way is bounded, and clients know by how much. */
@Timeout(120)
class ConnectionCallsTest {
  private static final int MOST = 256;

  @Test
  void aClientIsTold_howManyCallsItMayHaveUnderWay() throws Exception {
    try (Service service = Service.over(LocalCounters.now());
        RawClient client = new RawClient(service.server.port())) {
      assertEquals(MOST, client.told());
    }
  }

  /** What many send at a time would wait where nobody knows how old it is. */
  @Test
  void whileManyAsk_eachIsToldFewer_andMoreAgainWhenTheyAreGone() throws Exception {
    int many = 8 * Runtime.getRuntime().availableProcessors();
    AtomicBoolean ends = new AtomicBoolean();
    List<Thread> others = new ArrayList<>();
    try (Service service = Service.over(LocalCounters.now());
        RawClient client = new RawClient(service.server.port())) {
      assertEquals(MOST, client.told());
      client.confirm();
      for (int i = 0; i < many; i++) {
        Thread other = new Thread(() -> flood(service.server.port(), ends));
        other.start();
        others.add(other);
      }
      Thread asking = new Thread(() -> client.askUntil(ends));
      asking.start();
      others.add(asking);
      int fewer = client.told();
      assertTrue(fewer < MOST, () -> fewer + " of " + MOST);
      assertTrue(fewer >= 4, () -> "only " + fewer);
      client.confirm();
      ends.set(true);
      for (Thread other : others) {
        other.join();
      }
      AtomicBoolean toldMost = new AtomicBoolean();
      Thread alone = new Thread(() -> client.askUntil(toldMost));
      alone.start();
      while (client.told() < MOST) {
        client.confirm();
      }
      toldMost.set(true);
      alone.join();
    } finally {
      ends.set(true);
    }
  }

  /** Whoever confirms nothing could have the service remember more and more. */
  @Test
  void aClientThatDoesNotConfirm_isToldNothingMore() throws Exception {
    int many = 8 * Runtime.getRuntime().availableProcessors();
    AtomicBoolean ends = new AtomicBoolean();
    try (Service service = Service.over(LocalCounters.now());
        RawClient silent = new RawClient(service.server.port());
        RawClient client = new RawClient(service.server.port())) {
      assertEquals(MOST, silent.told());
      assertEquals(MOST, client.told());
      client.confirm();
      Thread asks = new Thread(() -> client.askUntil(ends));
      Thread asksToo = new Thread(() -> silent.askUntil(ends));
      List<Thread> threads = new ArrayList<>(List.of(asks, asksToo));
      for (int i = 0; i < many; i++) {
        threads.add(new Thread(() -> flood(service.server.port(), ends)));
      }
      threads.forEach(Thread::start);
      assertTrue(client.told() < MOST);
      ends.set(true);
      for (Thread thread : threads) {
        thread.join();
      }
      assertEquals(0, silent.settingsUntilAnswered());
    } finally {
      ends.set(true);
    }
  }

  private static void flood(int port, AtomicBoolean ends) {
    try (RawClient client = new RawClient(port)) {
      client.readAll();
      client.askUntil(ends);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The first that wait are answered only when all have come that may. */
  @Test
  void whatIsAskedBeyond_isAnsweredInItsTurn() throws Exception {
    HeldStore store = new HeldStore();
    try (Service service = Service.over(store, Rules.yearly(100_000))) {
      RateLimiterGrpc.RateLimiterFutureStub ask = RateLimiterGrpc.newFutureStub(service.channel);
      List<ListenableFuture<CheckAndConsumeResponse>> answers = new ArrayList<>();
      for (int i = 0; i < 2 * MOST; i++) {
        answers.add(ask.checkAndConsume(Messages.question("k")));
      }
      while (store.asked() < MOST) {
        Thread.onSpinWait();
      }
      for (int i = 0; i < 2 * MOST; i++) {
        store.next().answer();
      }
      for (ListenableFuture<CheckAndConsumeResponse> answer : answers) {
        assertTrue(answer.get().getAllowed());
      }
    }
  }
}
