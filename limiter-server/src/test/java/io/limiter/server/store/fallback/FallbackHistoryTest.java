package io.limiter.server.store.fallback;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.Algorithm;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.Outcome;
import io.limiter.ledger.FailureMode;
import io.limiter.ledger.Role;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.StoreException;
import io.limiter.testing.Limits;
import io.limiter.testing.history.Counter;
import io.limiter.testing.history.Event;
import io.limiter.testing.history.Event.By;
import io.limiter.testing.history.Faults;
import io.limiter.testing.history.History;
import io.limiter.testing.history.HistoryCheck;
import io.limiter.testing.history.Verdict;
import io.limiter.testing.history.Violation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntSupplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The real fallbacks of two instances while Redis is away, as a history: right as they are, and
 * with shares that are broken.
 */
class FallbackHistoryTest {
  private static final String KEY = "k";
  private static final int QUESTIONS = 120;
  private static final long WINDOW = 1_000_000;
  private static final long START = 1_766_666_400 * WINDOW;

  private long now = START;

  private RuleFallback fallback(IntSupplier instances) {
    return new RuleFallback(() -> now, instances, /* onOverload= */ false);
  }

  private Verdict verdict(Limit limit, IntSupplier instances, boolean forgets) {
    Random random = new Random(11);
    List<RuleFallback> fallbacks = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      fallbacks.add(fallback(instances));
    }
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < QUESTIONS; i++) {
      if (forgets && i % 30 == 29) {
        fallbacks.set(0, fallback(instances));
      }
      int one = random.nextInt(2);
      long asked = now;
      now += random.nextLong(WINDOW / 40);
      Outcome told = ask(fallbacks.get(one), limit);
      now += random.nextLong(WINDOW / 40);
      events.add(
          new Event(
              "instance " + one,
              KEY,
              1,
              asked,
              now,
              new Event.Answer(
                  By.LOCAL, told.admits(), told.remaining(), told.resetAfterMicros())));
    }
    return HistoryCheck.check(
        new History(
            Map.of(KEY, new Counter(limit, FailureMode.LOCAL)),
            events,
            new Faults(List.of(), List.of(), 2, 2, WINDOW)));
  }

  private static Outcome ask(RuleFallback fallback, Limit limit) {
    Charge.Entry entry =
        new Charge.Entry(Role.ENFORCED, KEY, limit, 1, FailureMode.LOCAL, /* lease= */ null);
    StoreException away = new StoreException(StoreException.Kind.UNAVAILABLE, "away", null);
    Answer answer = fallback.answer(new Charge.Whole(List.of(entry)), away);
    return assertInstanceOf(Answer.Decided.class, answer).outcomes().get(0);
  }

  private static Set<Violation.Law> broken(Verdict verdict) {
    Set<Violation.Law> laws = new TreeSet<>();
    verdict.violations().forEach(each -> laws.add(each.law()));
    return laws;
  }

  @ParameterizedTest
  @EnumSource(names = {"FIXED_WINDOW", "SLIDING_LOG", "TOKEN_BUCKET", "LEAKY_BUCKET"})
  void whatInstancesAdmit_isTheirShare_andABrokenShareIsSeen(Algorithm algorithm) {
    Limit limit = Limits.of(algorithm, 10, WINDOW);
    Verdict right = verdict(limit, () -> 2, /* forgets= */ false);
    assertTrue(right.isExplained(), right::toString);
    assertEquals(Map.of(By.LOCAL, (long) QUESTIONS), right.answers());

    Verdict whole = verdict(limit, () -> 1, /* forgets= */ false);
    assertTrue(broken(whole).contains(Violation.Law.OVER_LIMIT), whole::toString);

    Verdict forgotten = verdict(limit, () -> 2, /* forgets= */ true);
    assertFalse(forgotten.isExplained(), forgotten::toString);
    assertTrue(broken(forgotten).contains(Violation.Law.FORGOTTEN), forgotten::toString);
  }
}
