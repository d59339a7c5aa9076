package io.limiter.server.decide;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Outcome;
import io.limiter.ledger.FailureMode;
import io.limiter.ledger.Role;
import io.limiter.server.estimate.Estimates;
import io.limiter.server.key.Keying;
import io.limiter.server.key.ValueHash;
import io.limiter.server.rules.Descriptor;
import io.limiter.server.rules.Domain;
import io.limiter.server.rules.PriceList;
import io.limiter.server.rules.Rule;
import io.limiter.server.rules.Tariff;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.local.LocalCounterStore;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What questions ask of the counters. */
class QuestionsTest {
  private static final Terms TERMS =
      new Terms(UnknownDomain.ALLOW, new Estimates(), ValueHash.PLAIN);

  private static final Descriptor.Entry ALICE = new Descriptor.Entry("user", "alice");

  private static Rule rule(String name, long limit, FailureMode onFailure) {
    return new Rule(
        name,
        List.of("user"),
        FixedWindow.per(1_000_000, limit),
        Rule.Mode.ENFORCE,
        /* unit= */ "",
        Keying.PLAIN,
        onFailure);
  }

  private static List<FailureMode> onFailure(Question<?> question) {
    return question.charge().entries().stream().map(Charge.Entry::onFailure).toList();
  }

  @Test
  void anEntry_carriesWhatItsRuleAnswersWhileRedisIsAway() {
    List<Rule> rules =
        List.of(
            rule("a", 5, FailureMode.CLOSED),
            rule("b", 5, FailureMode.OPEN),
            rule("c", 5, FailureMode.LOCAL));
    Domain domain = Limiters.matching(attributes -> rules);
    List<FailureMode> expected = List.of(FailureMode.CLOSED, FailureMode.OPEN, FailureMode.LOCAL);
    Request request =
        new Request("edge", Map.of("user", "alice"), 1, Map.of(), List.of(), false, "");
    assertEquals(expected, onFailure(RequestQuestion.of(request, Limiters.table(domain), TERMS)));
    assertEquals(expected, onFailure(DescriptorQuestion.of(domain, descriptors(ALICE), TERMS)));
  }

  /** What was asked cannot be tried out against what Redis keeps of it. */
  @Test
  void withASecret_theFingerprintIsMadeWithIt() {
    ValueHash keyed = ValueHash.keyed(new byte[32]);
    Request request =
        new Request("edge", Map.of("user", "alice"), 1, Map.of(), List.of(), false, "once");
    RequestQuestion question =
        RequestQuestion.of(
            request,
            Limiters.table(
                Limiters.matching(attributes -> List.of(rule("a", 5, FailureMode.OPEN)))),
            TERMS.hashing(keyed));
    Charge.Idempotency kept =
        Objects.requireNonNull(((Charge.Whole) question.charge()).idempotency());
    assertEquals(Fingerprint.of(request, keyed), kept.fingerprint());
    assertNotEquals(Fingerprint.of(request, ValueHash.PLAIN), kept.fingerprint());
    assertNotEquals(
        Fingerprint.of(List.of(request), ValueHash.PLAIN), Fingerprint.of(List.of(request), keyed));
    assertTrue(kept.key().endsWith("!idempotency:>" + keyed.digest("once")));
  }

  @Test
  void withASecret_bothFormsAskTheCounterThatIsNamedByIt() {
    ValueHash keyed = ValueHash.keyed(new byte[32]);
    Domain domain = Limiters.matching(attributes -> List.of(secret("a", Rule.Mode.ENFORCE)));
    Request request =
        new Request("edge", Map.of("user", "alice"), 1, Map.of(), List.of(), false, "");
    for (Question<?> question :
        List.of(
            RequestQuestion.of(request, Limiters.table(domain), TERMS.hashing(keyed)),
            DescriptorQuestion.of(domain, descriptors(ALICE), TERMS.hashing(keyed)))) {
      String key = question.charge().entries().get(0).key();
      assertTrue(key.endsWith(":>" + keyed.digest("alice")), key);
    }
  }

  /** A candidate stands right behind both counters of its rule. */
  @Test
  void whileASecretIsChanged_rulesAreHeldToBothCounters_andTheStricterIsTold() {
    ValueHash old = ValueHash.keyed(new byte[] {1});
    ValueHash changing = ValueHash.keyed(new byte[] {2}).after(old);
    List<Rule> rules =
        List.of(
            secret("a", Rule.Mode.ENFORCE),
            secret("a", Rule.Mode.CANDIDATE),
            secret("b", Rule.Mode.SHADOW),
            rule("c", 5, FailureMode.OPEN));
    Domain domain = Limiters.matching(attributes -> rules);
    Request request =
        new Request("edge", Map.of("user", "alice"), 1, Map.of(), List.of(), false, "");
    RequestQuestion own =
        RequestQuestion.of(request, Limiters.table(domain), TERMS.hashing(changing));
    DescriptorQuestion envoys =
        DescriptorQuestion.of(domain, descriptors(ALICE), TERMS.hashing(changing));
    List<Outcome> said =
        List.of(
            admitted(3),
            new Outcome.Denied(0, 9, 7),
            admitted(3),
            admitted(2),
            admitted(1),
            admitted(3),
            admitted(3));
    Answer answer = new Answer.Decided(false, said, 0, null, false);
    List<Outcome> told =
        List.of(new Outcome.Denied(0, 9, 7), admitted(2), admitted(1), admitted(3));
    for (Question<?> question : List.of(own, envoys)) {
      List<Charge.Entry> entries = question.charge().entries();
      assertEquals(
          List.of(
              Role.ENFORCED,
              Role.JOINED,
              Role.CANDIDATE,
              Role.JOINED,
              Role.SHADOW,
              Role.JOINED,
              Role.ENFORCED),
          entries.stream().map(Charge.Entry::role).toList());
      assertTrue(entries.get(0).key().endsWith(":a:f:>" + changing.digest("alice")));
      assertTrue(entries.get(1).key().endsWith(":a:f:>" + old.digest("alice")));
    }
    assertEquals(
        told, own.verdict(answer).statuses().stream().map(Verdict.Status::outcome).toList());
    assertEquals(
        told,
        envoys.verdict(answer).whole().statuses().stream().map(Verdict.Status::outcome).toList());
    assertEquals(
        told,
        envoys.verdict(answer).descriptors().get(0).statuses().stream()
            .map(Verdict.Status::outcome)
            .toList());
  }

  private static Outcome admitted(long remaining) {
    return new Outcome.Admitted(remaining, 5, 0);
  }

  private static Rule secret(String name, Rule.Mode mode) {
    return new Rule(
        name,
        List.of("user"),
        rule(name, 5, FailureMode.OPEN).limit(),
        mode,
        "",
        new Keying(true, 32, 64, false),
        FailureMode.OPEN);
  }

  /** Envoy's hits are requests. */
  @Test
  void anEntryOfPrices_isFoundByTheAttributes_inEnvoysTermsToo() {
    PriceList list =
        PriceList.of(
            "users",
            "prices.yaml",
            "user",
            Map.of("alice", Map.of(Tariff.REQUESTS, 2_000_000L)),
            Map.of(Tariff.REQUESTS, 9_000_000L),
            0);
    Rule charged = rule("a", 5, FailureMode.OPEN).charging(new Tariff("points", list));
    Domain domain = Limiters.matching(attributes -> List.of(charged));
    Map.of("alice", 2_000_000L, "bob", 9_000_000L)
        .forEach(
            (user, cost) -> {
              Descriptor.Entry entry = new Descriptor.Entry("user", user);
              Request request =
                  new Request("edge", Map.of("user", user), 1, Map.of(), List.of(), false, "");
              for (Question<?> question :
                  List.of(
                      RequestQuestion.of(request, Limiters.table(domain), TERMS),
                      DescriptorQuestion.of(domain, descriptors(entry), TERMS))) {
                assertEquals(
                    List.of(cost),
                    question.charge().entries().stream().map(Charge.Entry::cost).toList());
              }
            });
  }

  @Test
  void whereDescriptorsMeetOnACounter_theStrictestRulesAnswerIsCarried() {
    Descriptor.Entry strict = new Descriptor.Entry("plan", "strict");
    Domain rules =
        Limiters.matching(
            attributes ->
                List.of(
                    attributes.containsKey("plan")
                        ? rule("a", 3, FailureMode.CLOSED)
                        : rule("a", 5, FailureMode.OPEN)));
    DescriptorRequest request =
        new DescriptorRequest(
            "edge",
            List.of(
                new DescriptorRequest.DescriptorHits(new Descriptor(List.of(ALICE), null), 1),
                new DescriptorRequest.DescriptorHits(
                    new Descriptor(List.of(ALICE, strict), null), 1)),
            DescriptorRequest.Leniency.NONE,
            /* chargeOnDeny= */ false);
    assertEquals(
        List.of(FailureMode.CLOSED), onFailure(DescriptorQuestion.of(rules, request, TERMS)));
  }

  @Test
  void whereNothingIsDenied_metricsCountShadows_andTheStatusSaysWhatWouldHaveBeen() {
    Domain rules = Limiters.matching(attributes -> List.of(rule("a", 0, FailureMode.OPEN)));
    DescriptorRequest request =
        new DescriptorRequest(
            "edge",
            descriptors(ALICE).descriptors(),
            DescriptorRequest.Leniency.SHADOW,
            /* chargeOnDeny= */ false);
    DescriptorQuestion question = DescriptorQuestion.of(rules, request, TERMS);
    DescriptorVerdict verdict =
        question.verdict(
            new LocalCounterStore(() -> 1_800_000_000_000_000L)
                .decide(question.charge())
                .toCompletableFuture()
                .join());
    Verdict.Status counted = verdict.whole().statuses().get(0);
    assertEquals(Role.SHADOW, counted.role());
    assertEquals(true, verdict.descriptors().get(0).statuses().get(0).denies());
    assertEquals(true, verdict.whole().allowed());
  }

  private static DescriptorRequest descriptors(Descriptor.Entry... entries) {
    return new DescriptorRequest(
        "edge",
        List.of(new DescriptorRequest.DescriptorHits(new Descriptor(List.of(entries), null), 1)),
        DescriptorRequest.Leniency.NONE,
        /* chargeOnDeny= */ false);
  }
}
