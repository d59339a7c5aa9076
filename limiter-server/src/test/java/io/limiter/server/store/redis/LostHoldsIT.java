package io.limiter.server.store.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import io.limiter.algorithm.ConcurrencyLimit;
import io.limiter.algorithm.Outcome;
import io.limiter.ledger.Ending;
import io.limiter.ledger.FailureMode;
import io.limiter.ledger.Held;
import io.limiter.ledger.Holding;
import io.limiter.ledger.Role;
import io.limiter.server.key.RecordKeys;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.StoreException;
import io.limiter.testing.TestRedis;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Redis lost a part of what is held, as by eviction or by hand: nothing haunts, nothing fails. */
class LostHoldsIT {
  private static final long HOUR = 3_600_000_000L;
  private static final long SECOND = 1_000_000;
  private static final int LIMIT = 10;

  private static StoreOnRedis redis;
  private static RedisClient client;
  private static RedisCommands<String, String> commands;

  private final String key = "limiter:{%s|}:rule:h:hold".formatted(UUID.randomUUID());

  @BeforeAll
  static void connect() {
    redis = new StoreOnRedis(TestRedis.shared());
    client = RedisClient.create(TestRedis.shared().uri());
    commands = client.connect().sync();
  }

  @AfterAll
  static void close() {
    redis.close();
    client.shutdown();
  }

  private Answer.Decided ask(long cost, int limit) {
    Charge.Entry entry =
        new Charge.Entry(
            Role.ENFORCED,
            key,
            new ConcurrencyLimit(limit, HOUR),
            cost,
            FailureMode.LOCAL,
            /* lease= */ null,
            /* learns= */ false,
            new Holding(HOUR, /* chargedWhenExpired= */ false));
    return (Answer.Decided) answer(new Charge.Whole(List.of(entry)));
  }

  private Answer.Decided ask(long cost) {
    return ask(cost, LIMIT);
  }

  private static Answer answer(Charge charge) {
    return redis.store().decide(charge).toCompletableFuture().join();
  }

  private Ending.State end(Ending.What what, Answer.Decided taken, long micros) {
    Held held = taken.held().get(0);
    Ending.Hold hold =
        new Ending.Hold(
            key,
            new ConcurrencyLimit(LIMIT, HOUR),
            /* amount= */ 0,
            micros,
            held.number(),
            held.expiresMicros());
    Ending ending = new Ending(what, taken.holdName(), List.of(hold));
    Answer.Ended ended = (Answer.Ended) answer(new Charge.Ending(ending, Charge.ANY_WAIT));
    return ended.result().holds().get(0).state();
  }

  private Ending.State release(Answer.Decided taken) {
    return end(Ending.What.RELEASE, taken, 0);
  }

  private String list() {
    return RecordKeys.book(key).get(0);
  }

  private String aside() {
    return RecordKeys.book(key).get(1);
  }

  private String order() {
    return RecordKeys.book(key).get(2);
  }

  /** So many, each renewed once, which puts it aside. */
  private List<Answer.Decided> renewed(int count) {
    List<Answer.Decided> taken = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Answer.Decided one = ask(1);
      assertEquals(Ending.State.ENDED, end(Ending.What.EXTEND, one, HOUR));
      taken.add(one);
    }
    return taken;
  }

  private long held() {
    return ask(0).held().get(0).held();
  }

  @ParameterizedTest
  @ValueSource(strings = {"aside", "order", "both"})
  void whatLayAsideIsLost_isNotHeldAnyMore_andTheRestIs(String lost) {
    List<Answer.Decided> gone = renewed(4);
    Answer.Decided kept = ask(3);
    assertEquals(7, held());
    if (!lost.equals("order")) {
      commands.del(aside());
    }
    if (!lost.equals("aside")) {
      commands.del(order());
    }
    if (lost.equals("both")) {
      assertEquals(0, commands.exists(aside(), order()));
    }

    assertEquals(Ending.State.ENDED_BEFORE, release(gone.get(0)));
    assertEquals(3, held());
    assertTrue(ask(7).admitted());
    assertFalse(ask(1).admitted());
    assertEquals(Ending.State.ENDED, release(kept));
    assertEquals(7, held());
  }

  @Test
  void theListIsLost_theLimitIsFree() {
    renewed(2);
    assertTrue(ask(8).admitted());
    commands.del(list());
    assertTrue(ask(LIMIT).admitted());
    assertFalse(ask(1).admitted());
    assertEquals(LIMIT, held());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void somethingElseIsStoredThere_thatQuestionAloneFails_andItStays(int place) {
    renewed(1);
    String foreign = RecordKeys.book(key).get(place);
    commands.del(foreign);
    commands.set(foreign, "something else");
    CompletionException failed = assertThrows(CompletionException.class, () -> ask(1));
    assertInstanceOf(StoreException.class, failed.getCause());
    assertTrue(failed.toString().contains(foreign), failed::toString);
    assertEquals("something else", commands.get(foreign));
  }

  @Test
  void somethingElseStoodThereBeforeTheFirstIsSetAside_itIsOfNoBook() {
    commands.set(aside(), "something else");
    renewed(2);
    assertEquals(2, held());
  }

  @Test
  void manyLieAside_theWaitIsExactAllTheSame() {
    int many = 200;
    for (int i = 0; i < many; i++) {
      Answer.Decided one = ask(1, many);
      long micros = HOUR + (many - i) * SECOND;
      assertEquals(Ending.State.ENDED, end(Ending.What.EXTEND, one, micros));
    }
    Outcome.Denied denied = (Outcome.Denied) ask(150, many).outcomes().get(0);
    // The 150th of those that end first lasts an hour and 150 seconds, from when it was renewed.
    long wait = denied.retryAfterMicros();
    assertTrue(wait <= HOUR + 150 * SECOND && wait > HOUR + 100 * SECOND, () -> "" + wait);
  }
}
