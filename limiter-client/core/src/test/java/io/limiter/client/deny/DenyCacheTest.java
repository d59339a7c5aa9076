package io.limiter.client.deny;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.DecisionError;
import io.limiter.v1.DenialKind;
import io.limiter.v1.InlineRule;
import io.limiter.v1.RuleStatus;
import io.limiter.v1.Source;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is denied again without a call, and until when. */
@Timeout(120)
final class DenyCacheTest {
  private static final CheckAndConsumeRequest QUESTION =
      CheckAndConsumeRequest.newBuilder()
          .setDomain("edge")
          .putAttributes("user", "alice")
          .putAttributes("ip", "192.0.2.1")
          .build();
  private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

  // Passes the end of a long meanwhile.
  private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 50 * MILLI);
  private final DenyCache cache = new DenyCache(Duration.ofSeconds(10), clock::get);

  private void pass(long millis) {
    clock.addAndGet(millis * MILLI);
  }

  private static com.google.protobuf.Duration millis(long millis) {
    return com.google.protobuf.Duration.newBuilder()
        .setSeconds(millis / 1_000)
        .setNanos((int) (millis % 1_000 * MILLI))
        .build();
  }

  private static CheckAndConsumeResponse.Builder denied(long retryMillis) {
    return CheckAndConsumeResponse.newBuilder()
        .setSource(Source.REDIS)
        .setRetryAfter(millis(retryMillis))
        .setKind(DenialKind.RATE)
        .addStatuses(
            RuleStatus.newBuilder()
                .setRule("per-user")
                .setRetryAfter(millis(retryMillis))
                .setResetAfter(millis(2 * retryMillis)));
  }

  private @Nullable CheckAndConsumeResponse denial(CheckAndConsumeRequest question) {
    return cache.ask(question).denial();
  }

  private CheckAndConsumeResponse repeated(CheckAndConsumeRequest question) {
    return Objects.requireNonNull(denial(question));
  }

  private void answered(CheckAndConsumeRequest question, CheckAndConsumeResponse.Builder answer) {
    cache.ask(question).answered(answer.build());
  }

  @Test
  void aDenial_isRepeated_untilItsRetryAfter() {
    answered(QUESTION, denied(1_000));
    pass(998);
    assertEquals(Source.DENY_CACHE, repeated(QUESTION).getSource());
    assertEquals(DenialKind.RATE, repeated(QUESTION).getKind());
    // A thousandth sooner: the clocks of two hosts differ by less.
    pass(1);
    assertNull(denial(QUESTION));
    assertEquals(2, cache.answered());
    assertEquals(0, cache.size());
  }

  @Test
  void aDenial_isRepeatedForTheGivenTimeAtMost() {
    answered(QUESTION, denied(100_000));
    pass(9_999);
    assertNotNull(denial(QUESTION));
    pass(1);
    assertNull(denial(QUESTION));
  }

  @Test
  void aDenialForEver_isRepeatedForTheGivenTime() {
    answered(QUESTION, denied(1).clearRetryAfter().clearStatuses());
    pass(9_999);
    assertTrue(!repeated(QUESTION).hasRetryAfter());
    pass(1);
    assertNull(denial(QUESTION));
    // As long as a message can say.
    answered(QUESTION, denied(1).clearStatuses().setRetryAfter(millis(Long.MAX_VALUE)));
    assertNotNull(denial(QUESTION));
  }

  @Test
  void aDenial_endsByWhenItsQuestionWasSent() {
    DenyCache.Asked slow = cache.ask(QUESTION);
    pass(900);
    slow.answered(denied(1_000).build());
    pass(98);
    assertNotNull(denial(QUESTION));
    pass(1);
    assertNull(denial(QUESTION));
  }

  @Test
  void aDenialThatCameTooLate_isNotCached() {
    DenyCache.Asked slow = cache.ask(QUESTION);
    pass(999);
    slow.answered(denied(1_000).build());
    assertEquals(0, cache.size());
  }

  @Test
  void waits_shrinkByTheTimeSinceTheAnswerCame() {
    DenyCache.Asked slow = cache.ask(QUESTION);
    pass(300);
    RuleStatus.Builder room =
        RuleStatus.newBuilder()
            .setRule("wide")
            .setAllowed(true)
            .setRemaining(7)
            .setResetAfter(millis(200))
            .setSoftBasisPoints(9_000)
            .setSoftCrossed(true);
    slow.answered(denied(1_000).addStatuses(room).build());
    pass(250);
    assertEquals(
        denied(750)
            .setSource(Source.DENY_CACHE)
            .setStatuses(
                0,
                RuleStatus.newBuilder()
                    .setRule("per-user")
                    .setRetryAfter(millis(750))
                    .setResetAfter(millis(1_750)))
            // It is as new, and nobody crosses a limit now.
            .addStatuses(
                room.clone()
                    .setResetAfter(com.google.protobuf.Duration.getDefaultInstance())
                    .clearSoftCrossed())
            .build(),
        denial(QUESTION));
  }

  @Test
  void aDenialOfSeveral_endsWithTheFirstOfTheirWaits() {
    answered(
        QUESTION,
        denied(5_000)
            .addStatuses(RuleStatus.newBuilder().setRule("sooner").setRetryAfter(millis(100))));
    pass(99);
    assertNotNull(denial(QUESTION));
    pass(1);
    assertNull(denial(QUESTION));
  }

  @Test
  void equalQuestions_areThoseOfTheSameMessage() {
    answered(QUESTION, denied(1_000));
    assertNotNull(denial(QUESTION.toBuilder().setRequestId("7").setWantReceipt(true).build()));
    assertNotNull(
        denial(
            CheckAndConsumeRequest.newBuilder()
                .putAttributes("ip", "192.0.2.1")
                .putAttributes("user", "alice")
                .setDomain("edge")
                .build()));
    for (CheckAndConsumeRequest other :
        List.of(
            QUESTION.toBuilder().setDomain("shop").build(),
            QUESTION.toBuilder().putAttributes("user", "bob").build(),
            QUESTION.toBuilder().putAttributes("plan", "gold").build(),
            QUESTION.toBuilder().setCost(2).build(),
            QUESTION.toBuilder().putUnitCosts("tokens", 5).build(),
            QUESTION.toBuilder().setPriority("batch").build(),
            QUESTION.toBuilder().addInlineRules(InlineRule.newBuilder().setName("own")).build())) {
      assertNull(denial(other), other::toString);
    }
  }

  @Test
  void aQuestionWithAKey_isAlwaysSent() {
    answered(QUESTION, denied(1_000));
    CheckAndConsumeRequest once = QUESTION.toBuilder().setIdempotencyKey("k").build();
    assertNull(denial(once));
    answered(once, denied(1_000));
    assertNull(denial(once));
    assertEquals(1, cache.size());
  }

  @Test
  void aLook_isAlwaysSent_aCostInAUnitIsNone() {
    CheckAndConsumeRequest look = QUESTION.toBuilder().setCost(0).putUnitCosts("kb", 0).build();
    answered(look, denied(1_000));
    assertNull(denial(look));
    CheckAndConsumeRequest tokens = look.toBuilder().putUnitCosts("tokens", 5).build();
    answered(tokens, denied(1_000));
    assertNotNull(denial(tokens));
  }

  @Test
  void onlyWhatTheSharedCountersSaid_isCached() {
    Set<Source> cached = EnumSet.noneOf(Source.class);
    for (Source source : Source.values()) {
      if (source != Source.UNRECOGNIZED) {
        answered(QUESTION, denied(1_000).setSource(source));
        if (denial(QUESTION) != null) {
          cached.add(source);
        }
        cache.empty();
      }
    }
    assertEquals(EnumSet.of(Source.REDIS, Source.DENY_CACHE), cached);
  }

  @Test
  void whatOthersMayEndOrMustCount_isNotCached() {
    answered(QUESTION, denied(1_000).setAllowed(true));
    answered(QUESTION, denied(1_000).setError(DecisionError.newBuilder().setCode(3)));
    answered(QUESTION, denied(1_000).setKind(DenialKind.CONCURRENCY));
    answered(
        QUESTION,
        denied(1_000).addStatuses(RuleStatus.newBuilder().setShadow(true).setCandidate(true)));
    assertEquals(0, cache.size());
  }

  @Test
  void emptying_forgetsDenials_alsoOfQuestionsUnderWay() {
    answered(QUESTION, denied(1_000));
    DenyCache.Asked underWay = cache.ask(QUESTION.toBuilder().setCost(2).build());
    cache.empty();
    underWay.answered(denied(1_000).build());
    assertNull(denial(QUESTION));
    assertEquals(0, cache.size());
    answered(QUESTION, denied(1_000));
    assertNotNull(denial(QUESTION));
  }

  @Test
  void aClosedCache_answersAndCachesNothing() {
    answered(QUESTION, denied(1_000));
    DenyCache.Asked underWay = cache.ask(QUESTION);
    cache.close();
    underWay.answered(denied(1_000).build());
    assertNull(denial(QUESTION));
    assertEquals(0, cache.size());
    DenyCache off = new DenyCache(Duration.ZERO, clock::get);
    off.ask(QUESTION).answered(denied(1_000).build());
    assertNull(off.ask(QUESTION).denial());
  }

  private static CheckAndConsumeRequest of(int user) {
    return QUESTION.toBuilder().putAttributes("user", Integer.toString(user)).build();
  }

  @Test
  void beyondTheBound_theLeastRecentlyUsedGoes() {
    DenyCache small = new DenyCache(Duration.ofSeconds(10), clock::get, 1, 3, Long.MAX_VALUE);
    for (int user = 0; user < 3; user++) {
      small.ask(of(user)).answered(denied(1_000).build());
    }
    assertNotNull(small.ask(of(0)).denial());
    small.ask(of(3)).answered(denied(1_000).build());
    assertNull(small.ask(of(1)).denial());
    for (int user : new int[] {0, 2, 3}) {
      assertNotNull(small.ask(of(user)).denial());
    }
    assertEquals(3, small.size());
  }

  @Test
  void bytesAreBounded_andGivenFreeAgain() {
    DenyCache small = new DenyCache(Duration.ofSeconds(10), clock::get, 1, 1_000, 5_000);
    for (int round = 0; round < 100; round++) {
      for (int user = 0; user < 3; user++) {
        small.ask(of(user)).answered(denied(1_000).build());
        assertNotNull(small.ask(of(user)).denial());
      }
      pass(999);
      // What is over gives its bytes back; those of the others count on.
      assertNull(small.ask(of(round % 3)).denial());
    }
    CheckAndConsumeRequest large =
        QUESTION.toBuilder().putAttributes("path", "x".repeat(4_000)).build();
    small.ask(large).answered(denied(1_000).build());
    assertNotNull(small.ask(large).denial());
    assertEquals(1, small.size());
    CheckAndConsumeRequest tooLarge =
        QUESTION.toBuilder().putAttributes("path", "x".repeat(5_000)).build();
    small.ask(tooLarge).answered(denied(1_000).build());
    assertEquals(0, small.size());
  }

  @Test
  void theDefaultBounds_holdForAnyQuestions() {
    for (int user = 0; user < 20_000; user++) {
      answered(of(user), denied(1_000));
    }
    assertTrue(cache.size() <= 10_000 && cache.size() > 5_000, () -> "" + cache.size());
  }

  /** A counter as a service keeps it: denies until a time, and again after each reset. */
  private static final class Model {
    private long resets;
    private long endNanos;

    synchronized CheckAndConsumeResponse ask(long nowNanos) {
      if (endNanos - nowNanos <= 0) {
        endNanos = nowNanos + MILLI;
        return CheckAndConsumeResponse.newBuilder()
            .setAllowed(true)
            .setSource(Source.REDIS)
            .build();
      }
      return CheckAndConsumeResponse.newBuilder()
          .setSource(Source.REDIS)
          .setRetryAfter(
              com.google.protobuf.Duration.newBuilder().setNanos((int) (endNanos - nowNanos)))
          .addStatuses(RuleStatus.newBuilder().setRule(resets + " " + endNanos))
          .build();
    }

    synchronized long reset() {
      endNanos = Long.MIN_VALUE;
      return ++resets;
    }
  }

  @Test
  void manyThreads_seeNoDenialThatIsOver_norOneFromBeforeTheirReset() throws Exception {
    int users = 8;
    AtomicLong time = new AtomicLong();
    DenyCache shared = new DenyCache(Duration.ofSeconds(1), time::get, 4, 8, 1 << 20);
    List<Model> models = new ArrayList<>();
    for (int user = 0; user < users; user++) {
      models.add(new Model());
    }
    ExecutorService threads = Executors.newFixedThreadPool(4);
    AtomicInteger repeated = new AtomicInteger();
    List<Future<?>> done = new ArrayList<>();
    for (int thread = 0; thread < 4; thread++) {
      Random random = new Random(thread);
      done.add(
          threads.submit(
              () -> {
                long[] resets = new long[users];
                for (int i = 0; i < 20_000; i++) {
                  int user = random.nextInt(users);
                  if (random.nextInt(200) == 0) {
                    resets[user] = models.get(user).reset();
                    shared.empty();
                  }
                  long before = time.addAndGet(random.nextInt(2_000));
                  DenyCache.Asked asked = shared.ask(of(user));
                  CheckAndConsumeResponse denial = asked.denial();
                  if (denial == null) {
                    asked.answered(models.get(user).ask(time.get()));
                    continue;
                  }
                  repeated.incrementAndGet();
                  String[] rule = denial.getStatuses(0).getRule().split(" ", -1);
                  assertTrue(Long.parseLong(rule[0]) >= resets[user], "from before the reset");
                  assertTrue(Long.parseLong(rule[1]) > before, "over");
                  assertNotEquals(millis(0), denial.getRetryAfter());
                }
              }));
    }
    for (Future<?> each : done) {
      each.get();
    }
    threads.shutdown();
    assertTrue(repeated.get() > 1_000, () -> repeated + " were repeated");
    assertEquals(repeated.get(), shared.answered());
    assertTrue(shared.size() <= 8);
  }
}
