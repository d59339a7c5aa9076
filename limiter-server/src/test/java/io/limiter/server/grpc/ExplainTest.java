package io.limiter.server.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.rpc.BadRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.limiter.server.api.RequestLimits;
import io.limiter.server.decide.DecisionListener;
import io.limiter.server.decide.Limiter;
import io.limiter.server.rules.file.LoadedRules;
import io.limiter.server.rules.file.RuleFiles;
import io.limiter.server.rules.table.RuleTable;
import io.limiter.server.store.local.LocalCounterStore;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.ExplainRequest;
import io.limiter.v1.ExplainResponse;
import io.limiter.v1.RuleExplanation;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ExplainTest {
  private static final String RULES =
      """
      domain: edge
      rules:
        - name: per-user
          key: [user]
          algorithm: fixed-window
          limit: 10
          window: 300d
          candidate: { limit: 5 }
          overrides:
            - when: { plan: gold }
              limit: 20
              candidate: { limit: 15 }
            - when: { user: probe }
              unlimited: true
        - name: login
          when: { endpoint: POST /login }
          algorithm: sliding-log
          limit: 1
          window: 1m
        - name: rolled
          key: [user]
          algorithm: fixed-window
          limit: 7
          window: 1d
          enforce: 0%
      """;
  private static final String MESH =
      """
      domain: mesh
      descriptors:
        - key: a
          descriptors: [{ key: b, rate_limit: { unit: day, requests_per_unit: 9 } }]
      """;

  private Service service;

  @BeforeAll
  void start() throws Exception {
    LoadedRules loaded =
        RuleFiles.load(
            List.of(
                new RuleFiles.Source("edge.yaml", RULES), new RuleFiles.Source("mesh.yaml", MESH)));
    assertEquals(List.of(), loaded.problems());
    RuleTable table = loaded.table().withHash("abc123");
    // At one moment, in the middle of all windows.
    LocalCounterStore store = new LocalCounterStore(() -> 1_766_666_400_000_000L);
    service =
        Service.over(
            RequestLimits.DEFAULTS, new Limiter(() -> table, store, DecisionListener.NONE));
  }

  @AfterAll
  void stop() {
    service.close();
  }

  private static ExplainRequest.Entry entry(String key, String value) {
    return ExplainRequest.Entry.newBuilder().setKey(key).setValue(value).build();
  }

  @Test
  void whatApplies_hasItsOverrideItsKeyAndItsCounter_andWhatDoesNot_itsReasons() {
    ExplainRequest question =
        ExplainRequest.newBuilder()
            .setDomain("edge")
            .putAttributes("user", "alice")
            .putAttributes("plan", "gold")
            .build();
    service
        .ask()
        .checkAndConsume(
            CheckAndConsumeRequest.newBuilder()
                .setDomain("edge")
                .putAllAttributes(question.getAttributesMap())
                .setCost(3)
                .build());
    ExplainResponse answer = service.ask().explain(question);
    assertEquals(answer, service.ask().explain(question), "nothing is charged");
    assertTrue(answer.getKnownDomain());
    assertEquals("abc123", answer.getRulesHash());
    assertEquals(3, answer.getRulesCount());
    RuleExplanation perUser = answer.getRules(0);
    assertEquals("per-user", perUser.getRule());
    assertEquals("edge.yaml", perUser.getFile());
    assertEquals(3, perUser.getLine());
    assertTrue(perUser.getApplies());
    assertEquals(1, perUser.getOverride().getNumber());
    assertEquals(10, perUser.getOverride().getLine());
    assertEquals("enforce", perUser.getCounter().getMode());
    assertFalse(perUser.getCounter().hasEnforcedBasisPoints());
    assertEquals("fixed-window 20 per 300d", perUser.getCounter().getLimit());
    assertTrue(perUser.getCounter().getKey().endsWith(":per-user:f:alice"), perUser::toString);
    assertEquals(17, perUser.getCounter().getStatus().getRemaining());
    assertEquals("", perUser.getCounter().getUnknown());
    assertEquals("candidate", perUser.getCandidate().getMode());
    assertEquals(12, perUser.getCandidate().getStatus().getRemaining());
    RuleExplanation login = answer.getRules(1);
    assertFalse(login.getApplies());
    assertFalse(login.hasCounter());
    assertEquals(
        List.of("attribute endpoint is absent; it must be \"POST /login\""),
        login.getReasonsList());
    RuleExplanation rolled = answer.getRules(2);
    assertEquals("shadow", rolled.getCounter().getMode());
    assertTrue(rolled.getCounter().hasEnforcedBasisPoints());
    assertEquals(0, rolled.getCounter().getEnforcedBasisPoints());
  }

  @Test
  void anOverrideThatExempts_isNamed() {
    ExplainRequest question =
        ExplainRequest.newBuilder().setDomain("edge").addEntries(entry("user", "probe")).build();
    RuleExplanation perUser = service.ask().explain(question).getRules(0);
    assertFalse(perUser.getApplies());
    assertEquals(2, perUser.getOverride().getNumber());
    assertEquals(List.of("unlimited by override 2 (line 13)"), perUser.getReasonsList());
  }

  @Test
  void entries_areOneDescriptor_inTheirOrder() {
    ExplainRequest.Builder question = ExplainRequest.newBuilder().setDomain("mesh");
    question.addEntries(entry("a", "1")).addEntries(entry("b", "2"));
    ExplainResponse answer = service.ask().explain(question.build());
    assertEquals(1, answer.getRulesCount());
    assertTrue(answer.getRules(0).getApplies());
    assertEquals("a.b", answer.getRules(0).getRule());
    assertEquals(9, answer.getRules(0).getCounter().getStatus().getRemaining());
    question.clearEntries().addEntries(entry("b", "2")).addEntries(entry("a", "1"));
    assertFalse(service.ask().explain(question.build()).getRules(0).getApplies());
  }

  @Test
  void anUnknownDomain_isAnAnswer() {
    ExplainResponse answer =
        service.ask().explain(ExplainRequest.newBuilder().setDomain("nowhere").build());
    assertFalse(answer.getKnownDomain());
    assertEquals(0, answer.getRulesCount());
  }

  static List<Arguments> mistakes() {
    return List.of(
        mistake("domain", "domain is empty; use 1 to 128 bytes", r -> r.clearDomain()),
        mistake(
            "attributes[] name",
            "attributes[] name is empty; use 1 to 64 bytes",
            r -> r.putAttributes("", "v")),
        mistake(
            "entries",
            "entries stand beside attributes; pass only one of them",
            r -> r.putAttributes("a", "v").addEntries(entry("a", "v"))),
        mistake(
            "entries",
            "entries has 65 entries; use at most 64",
            r -> {
              for (int i = 0; i < 65; i++) {
                r.addEntries(entry("a", "v"));
              }
            }),
        mistake(
            "entries[1].key",
            "entries[1].key is 257 bytes long; use at most 256",
            r -> r.addEntries(entry("a", "v")).addEntries(entry("k".repeat(257), "v"))),
        mistake(
            "attributes",
            "attributes have no order, and domain \"mesh\" is made of descriptors, which need one;"
                + " pass entries instead",
            r -> r.setDomain("mesh").putAttributes("a", "1").putAttributes("b", "2")));
  }

  private static Arguments mistake(
      String field, String text, Consumer<ExplainRequest.Builder> mistake) {
    return Arguments.of(field, text, mistake);
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void mistake_isToldByFieldValueBoundAndRemedy(
      String field, String text, Consumer<ExplainRequest.Builder> mistake) throws Exception {
    ExplainRequest.Builder wrong = ExplainRequest.newBuilder().setDomain("edge");
    mistake.accept(wrong);
    StatusRuntimeException refused =
        assertThrows(StatusRuntimeException.class, () -> service.ask().explain(wrong.build()));
    assertEquals(Status.Code.INVALID_ARGUMENT, refused.getStatus().getCode());
    BadRequest told =
        Objects.requireNonNull(StatusProto.fromThrowable(refused))
            .getDetails(0)
            .unpack(BadRequest.class);
    assertEquals(1, told.getFieldViolationsCount(), told::toString);
    assertEquals(field, told.getFieldViolations(0).getField());
    assertEquals(text, told.getFieldViolations(0).getDescription());
  }
}
