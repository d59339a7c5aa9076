package io.limiter.server.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.rpc.BadRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.limiter.server.rules.HostileText;
import io.limiter.server.store.local.LocalCounters;
import io.limiter.v1.Algorithm;
import io.limiter.v1.CheckAndConsumeBatchRequest;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.InlineRule;
import io.limiter.v1.ResetRequest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.function.Executable;

/** What callers send comes back in messages, and can forge no line of them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ForeignTextTest {
  /** Without what UTF-8 cannot say. */
  private static final String HOSTILE = HostileText.ALL.replace("\ud800", "");

  private Service service;

  @BeforeAll
  void start() throws Exception {
    service = Service.over(LocalCounters.now(), Rules.yearly(5));
  }

  @AfterAll
  void stop() {
    service.close();
  }

  @Test
  void namesOfAttributesAndUnits() {
    String longName = HOSTILE.repeat(2);
    refused(() -> service.ask().checkAndConsume(question().putAttributes(longName, "v").build()));
    refused(() -> service.ask().checkAndConsume(question().putUnitCosts(longName, 1).build()));
    refused(() -> service.ask().checkAndConsume(question().putUnitCosts("a\n\u001b", -1).build()));
    assertTrue(
        HostileText.isOneLine(
            service
                .ask()
                .checkAndConsumeBatch(
                    CheckAndConsumeBatchRequest.newBuilder()
                        .addRequests(question().putAttributes(longName, "v"))
                        .build())
                .getResponses(0)
                .getError()
                .getMessage()));
  }

  @Test
  void inlineRules() {
    InlineRule.Builder rule =
        InlineRule.newBuilder().setAlgorithm(Algorithm.FIXED_WINDOW).setName(HOSTILE);
    refused(() -> service.ask().checkAndConsume(question().addInlineRules(rule).build()));
    refused(
        () ->
            service
                .ask()
                .checkAndConsume(
                    question()
                        .putAttributes("a\n\u001b", "v")
                        .addInlineRules(
                            InlineRule.newBuilder(rule.build())
                                .addKey("a\n\u001b")
                                .addKey("a\n\u001b"))
                        .build()));
  }

  @Test
  void rulesToReset() {
    refused(
        () ->
            service
                .ask()
                .reset(ResetRequest.newBuilder().setDomain("edge").addRules(HOSTILE).build()));
    refused(
        () ->
            service
                .ask()
                .reset(
                    ResetRequest.newBuilder().setDomain("d\n\u001b\u0085").addRules("r").build()));
  }

  @Test
  void anIdempotencyKey() {
    String key = HOSTILE.substring(0, 60) + "\n\u001b";
    CheckAndConsumeRequest.Builder asked = question().setIdempotencyKey(key);
    assertTrue(service.ask().checkAndConsume(asked.build()).getAllowed());
    refused(() -> service.ask().checkAndConsume(asked.setCost(2).build()));
  }

  private static CheckAndConsumeRequest.Builder question() {
    return CheckAndConsumeRequest.newBuilder().setDomain("edge").putAttributes("user", "alice");
  }

  private static void refused(Executable call) {
    StatusRuntimeException refused = assertThrows(StatusRuntimeException.class, call);
    assertEquals(Status.Code.INVALID_ARGUMENT, refused.getStatus().getCode());
    String text = String.valueOf(refused.getStatus().getDescription());
    assertTrue(HostileText.isOneLine(text), text);
    try {
      BadRequest told = StatusProto.fromThrowable(refused).getDetails(0).unpack(BadRequest.class);
      told.getFieldViolationsList()
          .forEach(
              violation ->
                  assertTrue(
                      HostileText.isOneLine(violation.getField())
                          && HostileText.isOneLine(violation.getDescription()),
                      violation::toString));
    } catch (com.google.protobuf.InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }
}
