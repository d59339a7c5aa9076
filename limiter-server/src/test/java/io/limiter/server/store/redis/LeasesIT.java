package io.limiter.server.store.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.Outcome;
import io.limiter.algorithm.TokenBucket;
import io.limiter.algorithm.Window;
import io.limiter.ledger.LeaseTerms;
import io.limiter.ledger.Role;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.Source;
import io.limiter.server.store.lease.Leases;
import io.limiter.testing.TestRedis;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Leases in front of a real Redis: what they save, and that what is not used goes back. */
class LeasesIT {
  private static final long DAY_MICROS = 86_400_000_000L;
  private static final Limit YEARLY =
      new FixedWindow(10_000_000, new Window.Calendar(Window.Calendar.Unit.YEAR, ZoneOffset.UTC));
  private static final Limit SLOW = TokenBucket.of(1, 30 * DAY_MICROS, 1_000);
  private static final long MINUTE_MICROS = 60_000_000;

  private TestRedis server;
  private StoreOnRedis redis;
  private Leases leases;
  private final String key = "k" + UUID.randomUUID();

  @BeforeEach
  void connect() {
    // Of its own, since its commands are counted.
    server = TestRedis.own();
    redis = new StoreOnRedis(server);
    leases = Leases.over(redis.store(), redis.store());
  }

  @AfterEach
  void close() {
    leases.close();
    redis.close();
    server.close();
  }

  private Answer.Decided ask(Limit limit, LeaseTerms terms) {
    Charge charge =
        new Charge.Whole(List.of(new Charge.Entry(Role.ENFORCED, key, limit, 1, terms)));
    return (Answer.Decided) StoreOnRedis.join(leases.decide(charge));
  }

  private Outcome look(Limit limit) {
    return redis.decide(key, limit, 0).outcomes().get(0);
  }

  /** Asks until leases answer; returns how many questions that took. */
  private long askUntilLeased(Limit limit, LeaseTerms terms) {
    long asked = 1;
    while (ask(limit, terms).source() != Source.LEASE) {
      asked++;
    }
    return asked;
  }

  private long scriptCalls() {
    Matcher calls =
        Pattern.compile("cmdstat_eval(?:sha)?:calls=(\\d+)")
            .matcher(redis.redis().info("commandstats"));
    long all = 0;
    while (calls.find()) {
      all += Long.parseLong(calls.group(1));
    }
    return all;
  }

  @Test
  void aHotKey_costsACommandForFiftyAdmissions_atMost() {
    LeaseTerms terms = new LeaseTerms(100_000, MINUTE_MICROS);
    long before = scriptCalls();
    int questions = 200_000;
    for (int i = 0; i < questions; i++) {
      assertTrue(ask(YEARLY, terms).admitted());
    }
    long calls = scriptCalls() - before;
    System.out.printf("%d admissions took %d calls of Redis%n", questions, calls);
    assertTrue(calls * 50 <= questions, calls + " calls for " + questions + " admissions");
    leases.close();
    assertEquals(10_000_000 - questions, look(YEARLY).remaining());
  }

  @Test
  void whatIsNotUsed_goesBackWhenIdle() {
    LeaseTerms terms = new LeaseTerms(100, 20_000);
    long asked = askUntilLeased(YEARLY, terms);
    StoreOnRedis.await(() -> leases.counters() == 0);
    StoreOnRedis.await(() -> look(YEARLY).remaining() == 10_000_000 - asked);
  }

  @Test
  void whatIsNotUsed_goesBackAtTheEnd_toABucketToo() {
    LeaseTerms terms = new LeaseTerms(100, MINUTE_MICROS);
    long asked = askUntilLeased(SLOW, terms);
    assertTrue(look(SLOW).remaining() < 1_000 - asked);
    leases.close();
    // What has faded of a token takes the whole token with it.
    long lost = 1_000 - asked - look(SLOW).remaining();
    assertTrue(lost == 0 || lost == 1, lost + " lost");
  }

  @Test
  void noMoreThanTheTerms_isHeld() {
    LeaseTerms terms = new LeaseTerms(30, MINUTE_MICROS);
    long asked = 0;
    for (int i = 0; i < 900; i++) {
      asked += ask(SLOW, terms).admitted() ? 1 : 0;
      // What would be lost if the process died now.
      assertTrue(leases.tokens() <= 30);
    }
    assertTrue(look(SLOW).remaining() >= 1_000 - asked - 30);
  }
}
