package io.limiter.server.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.rpc.BadRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.limiter.algorithm.FixedWindow;
import io.limiter.ledger.FailureMode;
import io.limiter.server.key.Keying;
import io.limiter.server.rules.Rule;
import io.limiter.server.store.redis.Patient;
import io.limiter.server.store.redis.RedisCounterStore;
import io.limiter.server.store.redis.StoreListener;
import io.limiter.testing.Await;
import io.limiter.testing.TestRedis;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.ObserveRequest;
import io.limiter.v1.ResetRequest;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What one caller hears of an upstream holds for all, through whichever instance they ask. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ObserveIT {
  private static final Rule LEARNS = rule("learns", "", true);
  private static final Rule TOKENS = rule("tokens", "tokens", true);
  private static final Rule OTHER = rule("other", "", false);

  private RedisCounterStore[] stores;
  private Service one;
  private Service another;
  private final String user = UUID.randomUUID().toString();

  private static Rule rule(String name, String unit, boolean learns) {
    return new Rule(
        name,
        List.of("user"),
        FixedWindow.per(Rules.YEAR_MICROS, 1_000),
        Rule.Mode.ENFORCE,
        unit,
        Keying.PLAIN,
        new Rule.Sharing(FailureMode.LOCAL, /* lease= */ null, /* retrySpread= */ 0, learns));
  }

  @BeforeAll
  void start() throws Exception {
    String uri = TestRedis.shared().uri();
    stores =
        new RedisCounterStore[] {
          RedisCounterStore.connect(Patient.settings(uri), StoreListener.NONE),
          RedisCounterStore.connect(Patient.settings(uri), StoreListener.NONE)
        };
    for (RedisCounterStore store : stores) {
      Await.until(store::connected);
    }
    one = Service.over(stores[0], LEARNS, TOKENS, OTHER);
    another = Service.over(stores[1], LEARNS, TOKENS, OTHER);
  }

  @AfterAll
  void stop() {
    one.close();
    another.close();
    for (RedisCounterStore store : stores) {
      store.close();
    }
  }

  private CheckAndConsumeRequest.Builder question(String who) {
    return Messages.question(user + who).toBuilder();
  }

  private ObserveRequest.Builder about(String who) {
    return ObserveRequest.newBuilder().setDomain("edge").putAttributes("user", user + who);
  }

  private static int observe(Service service, ObserveRequest.Builder said) {
    return service.ask().observe(said.build()).getCountersClamped();
  }

  @Test
  void aBlock_holdsForEveryInstance_andForItsKeyAlone() {
    assertTrue(one.ask().checkAndConsume(question("a").build()).getAllowed());
    assertEquals(1, observe(one, about("a").setBlockedFor(Messages.duration(3600, 0))));
    CheckAndConsumeResponse denied = another.ask().checkAndConsume(question("a").build());
    assertFalse(denied.getAllowed());
    assertTrue(denied.getRetryAfter().getSeconds() >= 3500, denied::toString);
    assertEquals(0, denied.getStatuses(0).getRemaining());
    assertEquals(1_000, denied.getStatuses(1).getRemaining());
    assertEquals(999, denied.getStatuses(2).getRemaining(), "the denial charged nothing");
    assertTrue(another.ask().checkAndConsume(question("b").build()).getAllowed());
    ResetRequest reset =
        ResetRequest.newBuilder().setDomain("edge").putAttributes("user", user + "a").build();
    assertEquals(2, one.ask().reset(reset).getCountersReset(), "what is learned is no counter");
    assertTrue(another.ask().checkAndConsume(question("a").build()).getAllowed());
  }

  @Test
  void whatIsSaidOfAUnit_holdsForTheRulesThatCountIt() {
    ObserveRequest.Builder said =
        about("u")
            .setUnit("tokens")
            .setRemaining(100)
            .setResetAfter(Messages.duration(3600, 0))
            .setLimit(500);
    assertEquals(1, observe(one, said));
    CheckAndConsumeRequest sixty = question("u").putUnitCosts("tokens", 60).build();
    assertEquals(40, another.ask().checkAndConsume(sixty).getStatuses(1).getRemaining());
    CheckAndConsumeResponse denied = one.ask().checkAndConsume(sixty);
    assertFalse(denied.getAllowed());
    assertEquals(999, denied.getStatuses(0).getRemaining());
    assertEquals(40, denied.getStatuses(1).getRemaining());
  }

  @Test
  void rulesThatDoNotLearn_areLeftAlone_andNamingOneIsAMistake() throws Exception {
    ObserveRequest.Builder said = about("n").setBlockedFor(Messages.duration(60, 0));
    assertEquals(1, observe(one, said));
    assertEquals(1, observe(one, said.clone().addRules("learns")));
    assertEquals(
        "rules[0] \"other\" does not learn, or counts another unit than requests; write learn: true"
            + " into the rule, and say its unit",
        refused(said.clone().addRules("other")));
    assertEquals(
        "rules[0] \"typo\" is no rule of domain \"edge\" that applies to these attributes; name one"
            + " that does, and pass every attribute in its key",
        refused(said.clone().addRules("typo")));
    assertEquals(0, observe(one, said.clone().clearAttributes()));
  }

  @Test
  void mistakes_nameTheFieldAndTheBound() throws Exception {
    assertEquals(
        "remaining is absent, and so are blocked_for and limit; say one of them, or do not call",
        refused(about("m").setResetAfter(Messages.duration(1, 0))));
    assertEquals(
        "reset_after is absent beside remaining; say when the window ends, else nobody knows until"
            + " when that holds",
        refused(about("m").setRemaining(3)));
    assertEquals(
        "limit 0 is out of range; use 1 to 4503599627370496 (2^52)",
        refused(about("m").setLimit(0)));
    assertEquals(
        "blocked_for -1s 0ns is out of range; use 0 to 366 days, and 0 to 999999999 nanos",
        refused(about("m").setBlockedFor(Messages.duration(-1, 0))));
    assertEquals(
        "reset_after 31622401s 0ns is out of range; use 0 to 366 days, and 0 to 999999999 nanos",
        refused(about("m").setRemaining(1).setResetAfter(Messages.duration(31_622_401, 0))));
    assertEquals(
        "unit \"a b\" is no name; use 1 to 64 of A-Z a-z 0-9 . _ -",
        refused(about("m").setLimit(1).setUnit("a b")));
    assertEquals(
        "domain is empty; use 1 to 128 bytes", refused(about("m").setLimit(1).clearDomain()));
  }

  private String refused(ObserveRequest.Builder said) throws Exception {
    StatusRuntimeException refused =
        assertThrows(StatusRuntimeException.class, () -> observe(one, said));
    assertEquals(Status.Code.INVALID_ARGUMENT, refused.getStatus().getCode(), refused::toString);
    return StatusProto.fromThrowable(refused)
        .getDetails(0)
        .unpack(BadRequest.class)
        .getFieldViolations(0)
        .getDescription();
  }
}
