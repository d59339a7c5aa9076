package io.limiter.server.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.Limit;
import io.limiter.algorithm.SlidingLog;
import io.limiter.ledger.FailureMode;
import io.limiter.server.key.Keying;
import io.limiter.server.rules.Levels;
import io.limiter.server.rules.Rule;
import io.limiter.server.store.redis.Patient;
import io.limiter.server.store.redis.RedisCounterStore;
import io.limiter.server.store.redis.StoreListener;
import io.limiter.testing.Await;
import io.limiter.testing.TestRedis;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.DenialKind;
import io.limiter.v1.Hint;
import io.limiter.v1.RuleStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Who may fill how much of a shared counter, and who is told how full it is. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LevelsIT {
  private static final int LIMIT = 200;
  private static final int CALLERS = 32;

  private RedisCounterStore[] stores;
  private Service[] services;

  @BeforeAll
  void start() throws Exception {
    Limit limit = new SlidingLog(LIMIT, Rules.YEAR_MICROS);
    Levels levels =
        new Levels(
            LIMIT,
            Map.of("interactive", 10_000, "default", 8_000, "batch", 5_000),
            9_000,
            List.of(6_000, 9_500));
    Rule rule =
        new Rule(
            "shared",
            List.of("user"),
            limit,
            Rule.Mode.ENFORCE,
            "",
            Keying.PLAIN,
            new Rule.Sharing(FailureMode.LOCAL, null, 0, /* learns= */ false, levels));
    stores = new RedisCounterStore[2];
    services = new Service[2];
    for (int i = 0; i < 2; i++) {
      stores[i] =
          RedisCounterStore.connect(Patient.settings(TestRedis.shared().uri()), StoreListener.NONE);
      Await.until(stores[i]::connected);
      services[i] = Service.over(stores[i], rule);
    }
  }

  @AfterAll
  void stop() {
    for (int i = 0; i < 2; i++) {
      services[i].close();
      stores[i].close();
    }
  }

  private static CheckAndConsumeRequest question(String user, String priority) {
    return Messages.question(user).toBuilder().setPriority(priority).build();
  }

  private CheckAndConsumeResponse ask(int service, CheckAndConsumeRequest question) {
    return services[service].ask().checkAndConsume(question);
  }

  @Test
  void aLowPriority_leavesRoomForAHigherOne_whichIsNotDeniedUntilAllIsUsed() {
    String user = UUID.randomUUID().toString();
    Map<String, Integer> admitted = new TreeMap<>();
    for (String priority : List.of("batch", "unheard-of", "interactive")) {
      for (int i = 0; i < LIMIT; i++) {
        admitted.merge(
            priority, ask(i % 2, question(user, priority)).getAllowed() ? 1 : 0, Integer::sum);
      }
    }
    assertEquals(Map.of("batch", 100, "unheard-of", 60, "interactive", 40), admitted);
    CheckAndConsumeResponse denied = ask(0, question(user, "batch"));
    assertFalse(denied.getAllowed());
    assertEquals(100, denied.getStatuses(0).getLimit());
    assertEquals(0, denied.getStatuses(0).getRemaining());
    assertTrue(denied.getRetryAfter().getSeconds() > 86_400);
    assertEquals(DenialKind.RATE, denied.getKind());
  }

  /** Each is told once, however many ask at once and through whom. */
  @Test
  void aSoftLimit_isCrossedByOneQuestion_andAboveTheLastAdmissionsTellToMakeDoWithLess()
      throws Exception {
    String user = UUID.randomUUID().toString();
    ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
    List<Future<CheckAndConsumeResponse>> asked = new ArrayList<>();
    for (int i = 0; i < 2 * LIMIT; i++) {
      int service = i % 2;
      asked.add(callers.submit(() -> ask(service, question(user, "interactive"))));
    }
    List<CheckAndConsumeResponse> answers = new ArrayList<>();
    for (Future<CheckAndConsumeResponse> one : asked) {
      answers.add(one.get());
    }
    callers.shutdown();
    assertEquals(LIMIT, count(answers, CheckAndConsumeResponse::getAllowed));
    assertEquals(1, count(answers, answer -> crossed(answer, 6_000)));
    assertEquals(1, count(answers, answer -> crossed(answer, 9_500)));
    assertEquals(20, count(answers, answer -> answer.getHint() == Hint.DEGRADE));
    assertEquals(
        LIMIT,
        count(answers, a -> !a.getAllowed() && a.getStatuses(0).getSoftBasisPoints() == 9_500));
    assertEquals(119, count(answers, a -> a.getStatuses(0).getSoftBasisPoints() == 0));
  }

  @Test
  void whatIsDenied_crossesNothing() {
    CheckAndConsumeRequest question = question(UUID.randomUUID().toString(), "interactive");
    CheckAndConsumeRequest most = question.toBuilder().setCost(120).build();
    assertTrue(crossed(ask(0, most), 6_000));
    CheckAndConsumeResponse denied = ask(1, most);
    assertFalse(denied.getAllowed());
    assertEquals(6_000, denied.getStatuses(0).getSoftBasisPoints());
    assertFalse(denied.getStatuses(0).getSoftCrossed());
  }

  private static boolean crossed(CheckAndConsumeResponse answer, int basisPoints) {
    RuleStatus status = answer.getStatuses(0);
    return status.getSoftCrossed() && status.getSoftBasisPoints() == basisPoints;
  }

  private static long count(
      List<CheckAndConsumeResponse> answers, Predicate<CheckAndConsumeResponse> which) {
    return answers.stream().filter(which).count();
  }
}
