package io.limiter.server.store.fallback;

import static io.limiter.server.store.fallback.AwayRedis.answer;
import static io.limiter.server.store.fallback.AwayRedis.ask;
import static io.limiter.server.store.fallback.AwayRedis.entry;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Limit;
import io.limiter.ledger.FailureMode;
import io.limiter.ledger.Role;
import io.limiter.server.store.Charge;
import io.limiter.server.store.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What the shared counters are owed by what was answered in the place of Redis. */
class OwedByFallbackTest {
  private static final long HOUR = 3_600_000_000L;
  private static final Limit TEN = FixedWindow.per(HOUR, 10);

  private final AtomicLong now = new AtomicLong(1_000 * HOUR);
  private final List<String> owed = new ArrayList<>();
  private long inDoubt;

  private final RuleFallback.Creditor creditor =
      new RuleFallback.Creditor() {
        @Override
        public long nanoTime() {
          return now.get() * 1_000;
        }

        @Override
        public void owe(Owing owing, long atNanos) {
          String one = owing.key() + " " + owing.limit().limit() + " " + owing.cost();
          owed.add(one + " " + (now.get() - atNanos / 1_000));
        }

        @Override
        public void oweUnlessCharged(
            Charge.Idempotency question, List<String> counters, List<Owing> all, long atNanos) {
          all.forEach(one -> owe(one, atNanos));
          owed.add("unless " + question.key() + " about " + counters);
        }

        @Override
        public void inDoubt(long cost) {
          inDoubt += cost;
        }
      };

  private int instances = 1;
  private final RuleFallback fallback =
      new RuleFallback(now::get, () -> instances, false, creditor, 3);

  @Test
  void whatIsAdmittedByAShare_isOwed_underTheWholeLimit() {
    instances = 2;
    var unused =
        ask(
            fallback,
            entry("l", TEN, FailureMode.LOCAL),
            entry("o", TEN, FailureMode.OPEN),
            entry(Role.SHADOW, "s", TEN, FailureMode.LOCAL));
    owed.sort(null);
    assertEquals(List.of("l 10 1 0", "s 10 1 0"), owed);
  }

  @Test
  void whatIsDenied_orReplayed_isNotOwed() {
    Limit one = FixedWindow.per(HOUR, 1);
    var unused = ask(fallback, entry("k", one, FailureMode.LOCAL));
    assertEquals(false, ask(fallback, entry("k", one, FailureMode.LOCAL)).admitted());
    assertEquals(
        false,
        ask(fallback, entry("m", one, FailureMode.LOCAL), entry("c", one, FailureMode.CLOSED))
            .admitted());
    assertEquals(List.of("k 1 1 0"), owed);
    Charge charge =
        new Charge.Whole(
            List.of(entry("i", one, FailureMode.LOCAL)),
            /* wantReceipt= */ false,
            new Charge.Idempotency("key", "print"));
    for (int i = 0; i < 3; i++) {
      assertNotNull(answer(fallback, charge, StoreException.Kind.UNAVAILABLE));
    }
    assertEquals(List.of("k 1 1 0", "i 1 1 0", "unless key about [i]"), owed);
  }

  @Test
  void whatIsGivenBackHere_isTakenFromWhatIsOwed() {
    var unused = ask(fallback, entry("k", TEN, FailureMode.LOCAL));
    unused = ask(fallback, new Charge.Entry(Role.ENFORCED, "k", TEN, -1, FailureMode.LOCAL, null));
    assertEquals(List.of("k 10 1 0", "k 10 -1 0"), owed);
  }

  @Test
  void whatCountsDenials_owesThemToo() {
    Charge charge =
        new Charge.Counting(
            List.of(entry("k", FixedWindow.per(HOUR, 1), FailureMode.LOCAL)), Charge.ANY_WAIT);
    for (int i = 0; i < 2; i++) {
      assertNotNull(answer(fallback, charge, StoreException.Kind.UNAVAILABLE));
    }
    assertEquals(List.of("k 1 1 0", "k 1 1 0"), owed);
  }

  /** A question that was sent and not answered in time may have been charged by Redis. */
  @Test
  void whatRedisMayHaveCharged_isOwedOnceItIsKnownThatItDidNot() {
    StoreException late = new StoreException(StoreException.Kind.TIMEOUT, "late", null);
    for (String key : List.of("charged", "void", "lost")) {
      CompletableFuture<Boolean> charged = new CompletableFuture<>();
      Charge charge = new Charge.Whole(List.of(entry(key, TEN, FailureMode.LOCAL)));
      assertNotNull(fallback.answer(charge, late.inDoubt(charged)));
      assertEquals(List.of(), owed);
      now.addAndGet(5);
      switch (key) {
        case "charged" -> charged.complete(true);
        case "void" -> charged.complete(false);
        default -> charged.completeExceptionally(late);
      }
      if (key.equals("void")) {
        assertEquals(List.of("void 10 1 5"), owed, "as of when it was admitted");
        owed.clear();
      }
    }
    assertEquals(List.of(), owed);
    assertEquals(1, inDoubt);
  }

  /**
   * Its caller may ask another instance again, and Redis may charge the question through that. Or
   * Redis may have charged it when it was asked here. Its record tells either.
   */
  @Test
  void whatMayBeAskedElsewhere_isOwedUnlessItsRecordTellsThatItWas() {
    Charge charge =
        new Charge.Whole(
            List.of(entry("k", TEN, FailureMode.LOCAL), entry("o", TEN, FailureMode.OPEN)),
            /* wantReceipt= */ false,
            new Charge.Idempotency("key", "print"));
    StoreException late = new StoreException(StoreException.Kind.TIMEOUT, "late", null);
    assertNotNull(fallback.answer(charge, late.inDoubt()));
    assertEquals(List.of("k 10 1 0", "unless key about [k, o]"), owed);
    assertEquals(0, inDoubt);
  }
}
