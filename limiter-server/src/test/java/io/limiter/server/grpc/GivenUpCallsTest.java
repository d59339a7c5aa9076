package io.limiter.server.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.util.concurrent.ListenableFuture;
import io.grpc.ConnectivityState;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.RateLimiterGrpc;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Callers whose deadlines pass mean no harm, and callers who ask much wait with themselves. */
class GivenUpCallsTest {
  private static final int CALLS = 5_000;

  /** A proxy has many callers on one connection. All would lose what they have under way. */
  @Test
  @Timeout(120)
  void aConnectionWhoseCallersGiveUp_isNotCut() throws Exception {
    HeldStore store = new HeldStore();
    try (Service service = Service.over(store, Rules.yearly(100))) {
      RateLimiterGrpc.RateLimiterFutureStub ask = RateLimiterGrpc.newFutureStub(service.channel);
      ListenableFuture<CheckAndConsumeResponse> patient =
          ask.checkAndConsume(Messages.question("patient"));
      HeldStore.Question held = store.next();
      AtomicInteger cuts = new AtomicInteger();
      assertEquals(ConnectivityState.READY, service.channel.getState(false));
      service.channel.notifyWhenStateChanged(ConnectivityState.READY, cuts::incrementAndGet);
      for (int i = 0; i < CALLS; i++) {
        ListenableFuture<CheckAndConsumeResponse> hasty =
            ask.checkAndConsume(Messages.question("hasty"));
        var unused = store.next();
        assertTrue(hasty.cancel(true));
      }
      held.answer();
      assertTrue(patient.get().getAllowed());
      assertEquals(0, cuts.get());
    }
  }

  /**
   * It waits where its age is known. The next is sent when one has ended, not before: the answers
   * of the first are held, so whatever else is sent would come.
   */
  @Test
  @Timeout(120)
  void whatIsBeyondTheCallsOfAConnection_waitsWithTheClient() throws Exception {
    HeldStore store = new HeldStore();
    try (Service service = Service.over(store, Rules.yearly(100_000))) {
      RateLimiterGrpc.RateLimiterFutureStub ask = RateLimiterGrpc.newFutureStub(service.channel);
      List<ListenableFuture<CheckAndConsumeResponse>> answers = new ArrayList<>();
      int most = GrpcBounds.ofThisProcess().callsPerConnection();
      // The client knows the bound once it has read something.
      ListenableFuture<CheckAndConsumeResponse> first = ask.checkAndConsume(Messages.question("k"));
      store.next().answer();
      assertTrue(first.get().getAllowed());
      for (int i = 0; i < most + 50; i++) {
        answers.add(ask.checkAndConsume(Messages.question("k")));
      }
      for (int ended = 0; ended < most + 50; ended++) {
        HeldStore.Question held = store.next();
        assertTrue(store.asked() - 1 <= most + ended, "more than " + most + " under way");
        held.answer();
      }
      for (ListenableFuture<CheckAndConsumeResponse> answer : answers) {
        assertTrue(answer.get().getAllowed());
      }
    }
  }
}
