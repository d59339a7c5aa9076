package io.limiter.server.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.server.store.local.LocalCounters;
import io.limiter.v1.Algorithm;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.InlineRule;
import io.limiter.v1.ResetRequest;
import io.limiter.v1.Source;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Values of any length, and inline rules that do not apply, are decided. */
class LargeQuestionsTest {
  private Service service;

  @BeforeEach
  void start() throws Exception {
    service = Service.over(LocalCounters.now(), Rules.yearly(1));
  }

  @AfterEach
  void stop() {
    service.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {4_096, 4_097, 60_000, 1_000_000})
  void overLongValue_isCountedByItsHash(int length) {
    String one = "x".repeat(length);
    String other = "x".repeat(length - 1) + "y";
    assertTrue(service.ask().checkAndConsume(Messages.question(one)).getAllowed());
    assertFalse(service.ask().checkAndConsume(Messages.question(one)).getAllowed());
    assertTrue(service.ask().checkAndConsume(Messages.question(other)).getAllowed());
    ResetRequest reset =
        ResetRequest.newBuilder().setDomain("edge").putAttributes("user", one).build();
    assertEquals(1, service.ask().reset(reset).getCountersReset());
    assertTrue(service.ask().checkAndConsume(Messages.question(one)).getAllowed());
    assertFalse(service.ask().checkAndConsume(Messages.question(other)).getAllowed());
  }

  @Test
  void inlineRule_withoutAnAttributeOfItsKey_doesNotApply() {
    CheckAndConsumeRequest.Builder question =
        CheckAndConsumeRequest.newBuilder()
            .setDomain("edge")
            .putAttributes("user", "alice")
            .addInlineRules(inline("per-tenant", 0).addKey("tenant").addKey("user"))
            .addInlineRules(inline("per-user", 1).addKey("user"))
            .addInlineRules(inline("per-plan", 0).addKey("plan"));
    CheckAndConsumeResponse first = service.ask().checkAndConsume(question.build());
    assertTrue(first.getAllowed(), first::toString);
    assertEquals(1, first.getStatusesCount());
    assertEquals("per-user", first.getStatuses(0).getRule());
    assertFalse(service.ask().checkAndConsume(question.build()).getAllowed());
    CheckAndConsumeResponse tenant =
        service.ask().checkAndConsume(question.putAttributes("tenant", "acme").build());
    assertFalse(tenant.getAllowed());
    assertEquals("per-tenant", tenant.getStatuses(0).getRule());
  }

  /** They stand in for the domain's rules all the same. */
  @Test
  void inlineRules_noneOfWhichApplies_leaveTheDomainsRulesOut() {
    CheckAndConsumeRequest question =
        CheckAndConsumeRequest.newBuilder()
            .setDomain("edge")
            .putAttributes("user", "alice")
            .addInlineRules(inline("per-tenant", 0).addKey("tenant"))
            .build();
    for (int i = 0; i < 3; i++) {
      CheckAndConsumeResponse answer = service.ask().checkAndConsume(question);
      assertTrue(answer.getAllowed());
      assertEquals(Source.NO_RULE, answer.getSource());
      assertEquals(0, answer.getStatusesCount());
    }
    assertTrue(service.ask().checkAndConsume(Messages.question("alice")).getAllowed());
  }

  private static InlineRule.Builder inline(String name, long limit) {
    return InlineRule.newBuilder()
        .setName(name)
        .setAlgorithm(Algorithm.FIXED_WINDOW)
        .setLimit(limit)
        .setWindow(Messages.duration(86_400, 0));
  }
}
