package io.limiter.testing.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.SlidingLog;
import io.limiter.algorithm.TokenBucket;
import io.limiter.ledger.FailureMode;
import io.limiter.testing.history.Event.Answer;
import io.limiter.testing.history.Event.By;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Histories by hand, of one counter: those that can be explained, and those that cannot. */
class HistoryCheckTest {
  private static final long SECOND = 1_000_000;
  private static final long START = 1_766_666_400 * SECOND;
  private static final Limit WINDOW = FixedWindow.per(SECOND, 4);
  private static final Limit LOG = new SlidingLog(4, SECOND);
  private static final Limit BUCKET = TokenBucket.of(2, SECOND, 4);

  private final List<Event> events = new ArrayList<>();
  private final List<Incarnation> redis = new ArrayList<>();
  private final List<Faults.Pause> pauses = new ArrayList<>();
  private FailureMode mode = FailureMode.LOCAL;
  private int most = 2;

  /** Asked and answered so long after the start, in microseconds. */
  private void event(String instance, long cost, long asked, long answered, Answer answer) {
    events.add(new Event(instance, "k", cost, START + asked, START + answered, answer));
  }

  private void admitted(By by, long asked, long answered, long cost, long remaining) {
    event("a", cost, asked, answered, new Answer(by, true, remaining, -1));
  }

  private void denied(By by, long asked, long answered, long cost, long remaining) {
    event("a", cost, asked, answered, new Answer(by, false, remaining, -1));
  }

  private Verdict verdict(Limit limit) {
    List<Incarnation> lives =
        redis.isEmpty() ? List.of(Incarnation.empty(START, START + 100 * SECOND)) : redis;
    Faults faults = new Faults(lives, pauses, 2, most, /* patience= */ SECOND / 10);
    return HistoryCheck.check(new History(Map.of("k", new Counter(limit, mode)), events, faults));
  }

  private void assertExplained(Limit limit) {
    Verdict verdict = verdict(limit);
    assertTrue(verdict.isExplained(), verdict::toString);
  }

  private void assertBroken(Limit limit, Violation.Law law, String what) {
    Verdict verdict = verdict(limit);
    assertTrue(
        verdict.violations().stream()
            .anyMatch(each -> each.law() == law && each.what().contains(what)),
        verdict::toString);
  }

  @Test
  void aWindow_admitsItsLimit_andTheNextOneAgain() {
    admitted(By.REDIS, 10, 20, 3, 1);
    denied(By.REDIS, 30, 40, 2, 1);
    admitted(By.REDIS, 50, 60, 1, 0);
    admitted(By.REDIS, SECOND + 10, SECOND + 20, 4, 0);
    assertExplained(WINDOW);
  }

  @Test
  void aWindow_admitsNoMore() {
    admitted(By.REDIS, 10, 20, 3, 1);
    admitted(By.REDIS, 30, 40, 2, 0);
    assertBroken(WINDOW, Violation.Law.OVER_LIMIT, "1 too many");
  }

  /** It may have been the window before, or the one after. */
  @Test
  void whatMayBelongToAnotherWindow_isNoExcess() {
    admitted(By.REDIS, SECOND - 100, SECOND - 50, 3, 1);
    admitted(By.REDIS, SECOND - 40, SECOND + 10, 4, 0);
    assertExplained(WINDOW);
  }

  @Test
  void theAnswerTellsTheMoment_atTheEdgeOfAWindow() {
    event("a", 3, SECOND - 100, SECOND - 50, new Answer(By.REDIS, true, 1, 70));
    event("a", 4, SECOND - 40, SECOND + 10, new Answer(By.REDIS, true, 0, 20));
    assertBroken(WINDOW, Violation.Law.OVER_LIMIT, "3 too many");
  }

  @Test
  void aLog_admitsItsLimit_inAnyTimeOfItsWindow() {
    admitted(By.REDIS, 0, 10, 2, 2);
    admitted(By.REDIS, SECOND / 2, SECOND / 2 + 10, 2, 0);
    admitted(By.REDIS, SECOND + 20, SECOND + 30, 2, 0);
    assertExplained(LOG);
  }

  @Test
  void aLog_admitsNoMore_alsoAcrossAnEdge() {
    admitted(By.REDIS, SECOND / 2, SECOND / 2 + 10, 3, 1);
    admitted(By.REDIS, SECOND + 20, SECOND + 30, 2, 2);
    assertBroken(LOG, Violation.Law.OVER_LIMIT, "1 too many");
  }

  @Test
  void aBucket_admitsItsCapacity_andWhatComesFree() {
    admitted(By.REDIS, 0, 10, 4, 0);
    denied(By.REDIS, SECOND / 4, SECOND / 4 + 10, 1, 0);
    admitted(By.REDIS, SECOND / 2 + 10, SECOND / 2 + 20, 1, 0);
    admitted(By.REDIS, 10 * SECOND, 10 * SECOND + 10, 4, 0);
    assertExplained(BUCKET);
  }

  @Test
  void aBucket_admitsNoMore() {
    admitted(By.REDIS, 0, 10, 4, 0);
    admitted(By.REDIS, SECOND / 2 - 100, SECOND / 2 - 50, 1, 0);
    assertBroken(BUCKET, Violation.Law.OVER_LIMIT, "1 too many");
  }

  /** A slow machine: nobody knows when in this time they were decided. */
  @Test
  void slowAnswers_areNoExcess() {
    for (int i = 0; i < 3; i++) {
      admitted(By.REDIS, 0, 4 * SECOND, 4, 0);
    }
    assertExplained(WINDOW);
    assertExplained(LOG);
    assertExplained(BUCKET);
  }

  @Test
  void aChargeThatIsNotSeen_isForgotten() {
    admitted(By.REDIS, 10, 20, 1, 3);
    admitted(By.REDIS, 30, 40, 1, 3);
    for (Limit limit : List.of(WINDOW, LOG, BUCKET)) {
      assertBroken(limit, Violation.Law.FORGOTTEN, "it forgot 1");
    }
  }

  /** Their order is not known, but what they got is. */
  @Test
  void twoAtOnce_doNotGetTheSame() {
    admitted(By.REDIS, 10, 40, 1, 3);
    admitted(By.REDIS, 20, 50, 2, 2);
    assertBroken(WINDOW, Violation.Law.GIVEN_TWICE, "gave 1 twice of 4 in each window");
  }

  @Test
  void aDenialThatCharges_isSeen() {
    denied(By.REDIS, 10, 20, 5, 4);
    admitted(By.REDIS, 30, 40, 1, 2);
    for (Limit limit : List.of(WINDOW, LOG, BUCKET)) {
      assertBroken(limit, Violation.Law.INVENTED, "1 too many");
    }
  }

  @Test
  void aDenialOfAnEmptyCounter_isInvented() {
    denied(By.REDIS, 10, 20, 3, 0);
    for (Limit limit : List.of(WINDOW, LOG, BUCKET)) {
      assertBroken(limit, Violation.Law.INVENTED, "4 too many");
    }
  }

  @Test
  void aQuestionWithoutAnAnswer_mayHaveBeenCharged_orNot() {
    event("b", 2, 10, 20, Answer.NONE);
    admitted(By.REDIS, 30, 40, 1, 1);
    assertExplained(WINDOW);
    assertExplained(LOG);
    assertExplained(BUCKET);
    events.set(
        1, new Event("a", "k", 1, START + 30, START + 40, new Answer(By.REDIS, true, 3, -1)));
    assertExplained(WINDOW);
    assertExplained(LOG);
    assertExplained(BUCKET);
  }

  @Test
  void aQuestionWithoutAnAnswer_isNotChargedWhenNobodyWaitsAnyMore() {
    event("b", 2, 10, 20, Answer.NONE);
    admitted(By.REDIS, SECOND + SECOND / 5, SECOND + SECOND / 5 + 10, 1, 1);
    assertBroken(WINDOW, Violation.Law.INVENTED, "2 too many");
    assertBroken(LOG, Violation.Law.INVENTED, "2 too many");
  }

  @Test
  void eachInstanceAdmitsItsShare() {
    redis.add(Incarnation.empty(START, START + 5));
    for (String instance : List.of("a", "b")) {
      event(instance, 2, 10, 20, new Answer(By.LOCAL, true, 0, -1));
      event(instance, 1, 30, 40, new Answer(By.LOCAL, false, 0, -1));
    }
    assertExplained(WINDOW);
    assertExplained(LOG);
    assertExplained(BUCKET);
  }

  @Test
  void anInstanceThatTakesTheWholeLimit_isSeen() {
    redis.add(Incarnation.empty(START, START + 5));
    admitted(By.LOCAL, 10, 20, 2, 2);
    admitted(By.LOCAL, 30, 40, 2, 0);
    for (Limit limit : List.of(WINDOW, LOG, BUCKET)) {
      assertBroken(limit, Violation.Law.OVER_LIMIT, "instance a, by its share");
    }
  }

  @Test
  void anInstanceThatForgetsItsShareWhenRedisComesBack_isSeen() {
    redis.add(Incarnation.empty(START, START + 5));
    redis.add(Incarnation.empty(START + 45, START + 60));
    admitted(By.LOCAL, 10, 20, 2, 0);
    admitted(By.REDIS, 50, 55, 1, 3);
    admitted(By.LOCAL, 70, 80, 1, 1);
    for (Limit limit : List.of(WINDOW, LOG, BUCKET)) {
      assertBroken(limit, Violation.Law.OVER_LIMIT, "1 too many");
      assertBroken(limit, Violation.Law.FORGOTTEN, "it forgot 2");
    }
  }

  /** Of a limit of 4, each of three has 1, and each of two has 2: nobody knows what they knew. */
  @Test
  void whileSharesChange_theLargestBounds() {
    most = 3;
    redis.add(Incarnation.empty(START, START + 5));
    admitted(By.LOCAL, 10, 20, 1, 0);
    admitted(By.LOCAL, 30, 40, 1, 0);
    assertExplained(WINDOW);
    admitted(By.LOCAL, 50, 60, 1, 0);
    assertBroken(WINDOW, Violation.Law.OVER_LIMIT, "1 too many");
  }

  @Test
  void whatInstancesAdmitted_mayBeChargedToRedisLater_orNot() {
    redis.add(Incarnation.empty(START, START + 5));
    redis.add(Incarnation.empty(START + 25, START + SECOND * 9));
    admitted(By.LOCAL, 10, 20, 2, 0);
    admitted(By.REDIS, 30, 40, 1, 1);
    assertExplained(WINDOW);
    assertExplained(LOG);
    assertExplained(BUCKET);
    admitted(By.REDIS, SECOND + 30, SECOND + 40, 1, 1);
    assertBroken(WINDOW, Violation.Law.INVENTED, "2 too many");
  }

  @Test
  void aRedisThatBeganEmpty_admitsItsLimitOnceMore_andThatIsALoss() {
    redis.add(Incarnation.empty(START, START + 100));
    redis.add(Incarnation.empty(START + 90, START + SECOND));
    admitted(By.REDIS, 10, 20, 4, 0);
    admitted(By.REDIS, 110, 120, 4, 0);
    for (Limit limit : List.of(WINDOW, LOG, BUCKET)) {
      assertExplained(limit);
      assertEquals(Map.of("k", 4L), verdict(limit).lost());
    }
    admitted(By.REDIS, 130, 140, 1, 0);
    assertBroken(WINDOW, Violation.Law.OVER_LIMIT, "life 2 admitted more");
  }

  @Test
  void aRedisThatLivedOn_losesNothing() {
    admitted(By.REDIS, 10, 20, 4, 0);
    admitted(By.REDIS, 110, 120, 4, 0);
    assertBroken(WINDOW, Violation.Law.OVER_LIMIT, "4 too many");
    assertBroken(WINDOW, Violation.Law.FORGOTTEN, "Redis in its life 1");
  }

  @Test
  void aReplicaThatIsPromoted_mayHaveLostTheLastCharges() {
    redis.add(Incarnation.empty(START, START + 100));
    redis.add(Incarnation.promoted(START + 90, START + SECOND, /* keptUntil= */ START + 50));
    admitted(By.REDIS, 10, 20, 1, 3);
    admitted(By.REDIS, 60, 70, 3, 0);
    admitted(By.REDIS, 110, 120, 3, 0);
    for (Limit limit : List.of(WINDOW, LOG, BUCKET)) {
      assertExplained(limit);
      assertEquals(Map.of("k", 3L), verdict(limit).lost());
    }
  }

  @Test
  void aReplicaThatIsPromoted_hasWhatItWasKnownToHave() {
    redis.add(Incarnation.empty(START, START + 100));
    redis.add(Incarnation.promoted(START + 90, START + SECOND, /* keptUntil= */ START + 50));
    admitted(By.REDIS, 10, 20, 1, 3);
    admitted(By.REDIS, 110, 120, 1, 3);
    for (Limit limit : List.of(WINDOW, LOG, BUCKET)) {
      assertBroken(limit, Violation.Law.FORGOTTEN, "Redis in its life 2");
    }
  }

  @Test
  void aRedisThatIsAway_decidesNothing() {
    redis.add(Incarnation.empty(START, START + 100));
    admitted(By.REDIS, 90, 120, 1, 3);
    assertExplained(WINDOW);
    admitted(By.REDIS, 110, 120, 1, 2);
    assertBroken(WINDOW, Violation.Law.REDIS_WAS_AWAY, "no Redis");
  }

  @Test
  void aRedisThatIsPaused_decidesNothing() {
    pauses.add(new Faults.Pause(START + 50, START + 100));
    admitted(By.REDIS, 40, 60, 1, 3);
    admitted(By.REDIS, 60, 110, 1, 2);
    assertExplained(WINDOW);
    admitted(By.REDIS, 60, 90, 1, 1);
    assertBroken(WINDOW, Violation.Law.REDIS_WAS_AWAY, "no Redis");
  }

  @Test
  void eachRuleGivesItsOwnAnswer() {
    mode = FailureMode.OPEN;
    admitted(By.OPEN, 10, 20, 9, 4);
    assertExplained(WINDOW);
    mode = FailureMode.CLOSED;
    assertBroken(WINDOW, Violation.Law.OTHER_ANSWER, "CLOSED");
    events.clear();
    denied(By.CLOSED, 10, 20, 1, 0);
    assertExplained(WINDOW);
    admitted(By.LOCAL, 10, 20, 1, 1);
    assertBroken(WINDOW, Violation.Law.OTHER_ANSWER, "CLOSED");
  }

  @Test
  void aViolation_isAStory() {
    admitted(By.REDIS, 10, 20, 3, 1);
    event("b", 2, 30, 45, new Answer(By.REDIS, true, 0, -1));
    String story = verdict(WINDOW).toString();
    assertTrue(story.contains("OVER_LIMIT at k: Redis in its life 1 admitted more than"), story);
    assertTrue(story.contains("+15 us  b    asked for 2: admitted by REDIS, 0 left"), story);
  }
}
