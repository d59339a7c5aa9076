package io.limiter.server.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import io.limiter.testing.Await;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.HoldEnd;
import io.limiter.v1.RefundRequest;
import io.limiter.v1.ResetRequest;
import io.limiter.v1.SettleRequest;
import io.limiter.v1.SettleResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * A secret is changed while it is in use: new first, then the one before, until that is removed.
 */
class SecretRotationIT extends WithSecrets {
  private static final String OLD = "o".repeat(40);
  private static final String NEW = "n".repeat(40);
  private static final int LIMIT = 100;
  private static final Duration MINUTE = Duration.newBuilder().setSeconds(60).build();

  private static void rotate(SecretService service, Path file, String... lines) throws IOException {
    String before = service.counter("known");
    Files.write(file, List.of(lines));
    Await.until(() -> !service.counter("known").equals(before));
  }

  private static CheckAndConsumeResponse ask(SecretService service, String apiKey, long cost) {
    return service
        .ask()
        .checkAndConsume(SecretService.question("hundred", apiKey).setCost(cost).build());
  }

  @Test
  void whatWasUsedBefore_isUsedAfter_andAnInstanceThatHasNotReadTheFileShares() throws IOException {
    String apiKey = newKey();
    Path file = secrets(OLD);
    try (SecretService one = service(file);
        SecretService late = service(secrets(OLD))) {
      assertTrue(ask(one, apiKey, 60).getAllowed());
      rotate(one, file, NEW, OLD);
      CheckAndConsumeResponse first = ask(one, apiKey, 1);
      assertEquals(2, first.getStatusesCount(), "one status for each rule");
      assertEquals(39, first.getStatuses(0).getRemaining());
      assertEquals(39, first.getStatuses(1).getRemaining(), "so does a shadow");
      int admitted = 1;
      for (int i = 0; i < LIMIT; i++) {
        admitted += ask(i % 2 == 0 ? one : late, apiKey, 1).getAllowed() ? 1 : 0;
      }
      assertEquals(40, admitted);
      assertEquals(0, one.explained("hundred", apiKey).getStatus().getRemaining());
      CheckAndConsumeResponse denied = ask(one, apiKey, 1);
      assertFalse(denied.getAllowed());
      assertTrue(denied.getStatuses(0).hasRetryAfter());
      assertEquals(0, denied.getStatuses(0).getRemaining());
    }
  }

  /** What both counted since the change stays when the second line goes. */
  @Test
  void withoutTheSecretBefore_onlyTheNewCounterIsLeft() throws IOException {
    String apiKey = newKey();
    Path file = secrets(NEW, OLD);
    try (SecretService one = service(file);
        SecretService late = service(secrets(OLD));
        SecretService ahead = service(secrets(NEW))) {
      assertTrue(ask(late, apiKey, 60).getAllowed());
      assertTrue(ask(one, apiKey, 30).getAllowed());
      assertEquals(69, ask(ahead, apiKey, 1).getStatuses(0).getRemaining());
      assertFalse(ask(one, apiKey, 11).getAllowed());
      assertTrue(ask(ahead, apiKey, 69).getAllowed());
      assertFalse(ask(one, apiKey, 1).getAllowed(), "the new counter is full");
    }
  }

  @Test
  void aHoldOfBefore_isSettledAfter_andOneOfMeanwhileIsSettledInBoth() throws IOException {
    String apiKey = newKey();
    Path file = secrets(OLD);
    CheckAndConsumeRequest question =
        SecretService.question("hold", apiKey).setCost(10).setHold(MINUTE).build();
    try (SecretService one = service(file);
        SecretService late = service(secrets(OLD));
        SecretService ahead = service(secrets(NEW))) {
      ByteString before = one.ask().checkAndConsume(question).getReceipt();
      rotate(one, file, NEW, OLD);
      CheckAndConsumeResponse meanwhile = one.ask().checkAndConsume(question);
      assertEquals(20, meanwhile.getStatuses(0).getHeld(), "what either counter holds");
      assertEquals(80, meanwhile.getStatuses(0).getRemaining());
      SettleResponse settled = settle(one, meanwhile.getReceipt(), 3);
      assertEquals(HoldEnd.ENDED, settled.getEnd());
      assertEquals(1, settled.getStatusesCount());
      assertEquals(87, settled.getStatuses(0).getRemaining());
      assertEquals(HoldEnd.ENDED, settle(one, before, 5).getEnd());
      assertEquals(92, look(one, apiKey));
      assertEquals(92, look(late, apiKey));
      assertEquals(97, look(ahead, apiKey));
    }
  }

  /** It would count what it would not admit, and so deny others later. */
  @Test
  void aShadowThatWasFull_isChargedUnderNoSecret() throws IOException {
    String apiKey = newKey();
    try (SecretService late = service(secrets(OLD));
        SecretService both = service(secrets(NEW, OLD));
        SecretService ahead = service(secrets(NEW))) {
      CheckAndConsumeRequest three = SecretService.question("tried", apiKey).setCost(3).build();
      assertEquals(0, late.ask().checkAndConsume(three).getStatuses(1).getRemaining());
      CheckAndConsumeResponse told = both.ask().checkAndConsume(three);
      assertTrue(told.getAllowed());
      assertFalse(told.getStatuses(1).getAllowed());
      assertTrue(told.getStatuses(1).hasRetryAfter());
      CheckAndConsumeRequest look = three.toBuilder().setCost(0).build();
      assertEquals(3, ahead.ask().checkAndConsume(look).getStatuses(1).getRemaining());
    }
  }

  /** Charging it under both secrets is one charge: it is told when it is reached, once. */
  @Test
  void aSoftLimit_isToldOnce() throws IOException {
    String apiKey = newKey();
    try (SecretService late = service(secrets(OLD));
        SecretService both = service(secrets(NEW, OLD))) {
      int told = 0;
      for (int i = 0; i < 10; i++) {
        SecretService one = i % 3 == 0 ? late : both;
        CheckAndConsumeRequest asked = SecretService.question("soft", apiKey).build();
        told += one.ask().checkAndConsume(asked).getStatuses(0).getSoftCrossed() ? 1 : 0;
      }
      assertEquals(1, told);
    }
  }

  private static SettleResponse settle(SecretService service, ByteString receipt, long cost) {
    return service
        .ask()
        .settle(SettleRequest.newBuilder().setReceipt(receipt).setCost(cost).build());
  }

  private static long look(SecretService service, String apiKey) {
    return service
        .ask()
        .checkAndConsume(SecretService.question("hold", apiKey).setCost(0).build())
        .getStatuses(0)
        .getRemaining();
  }

  @Test
  void aRefundAndAReset_reachBothCounters() throws IOException {
    String apiKey = newKey();
    try (SecretService both = service(secrets(NEW, OLD));
        SecretService late = service(secrets(OLD));
        SecretService ahead = service(secrets(NEW))) {
      CheckAndConsumeResponse charged =
          both.ask()
              .checkAndConsume(
                  SecretService.question("hold", apiKey).setCost(10).setWantReceipt(true).build());
      assertEquals(90, look(late, apiKey));
      assertEquals(90, look(ahead, apiKey));
      RefundRequest refund = RefundRequest.newBuilder().setReceipt(charged.getReceipt()).build();
      assertTrue(both.ask().refund(refund).getRefunded());
      assertEquals(100, look(late, apiKey));
      assertEquals(100, look(ahead, apiKey));
      both.ask().checkAndConsume(SecretService.question("hold", apiKey).setCost(10).build());
      both.ask()
          .reset(
              ResetRequest.newBuilder()
                  .setDomain("keys")
                  .putAllAttributes(SecretService.question("hold", apiKey).getAttributesMap())
                  .build());
      assertEquals(100, look(late, apiKey));
      assertEquals(100, look(ahead, apiKey));
    }
  }
}
