package io.limiter.script;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.Algorithm;
import io.limiter.algorithm.ConcurrencyLimit;
import io.limiter.algorithm.CounterState;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.Outcome;
import io.limiter.ledger.Ending;
import io.limiter.ledger.Held;
import io.limiter.ledger.Holding;
import io.limiter.ledger.Holds;
import io.limiter.ledger.Ledger;
import io.limiter.ledger.Role;
import io.limiter.testing.Limits;
import io.limiter.testing.TestRedis;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Holds that are taken, settled, released, renewed and forgotten, at random and for each algorithm,
 * against the same in plain Java: states, answers, and what is held and owed. {@code
 * -Dlimiter.test.steps} and {@code -Dlimiter.test.seed} as for {@link TraceIT}.
 */
class HoldTraceIT {
  private static final int STEPS = TraceIT.number("limiter.test.steps", 30_000);
  private static final int SEED = TraceIT.number("limiter.test.seed", 20_260_101);
  private static final Algorithm[] FORMS = Algorithm.values();
  private static final Ending.State[] STATES = Ending.State.values();
  private static final long SECOND = 1_000_000;
  private static final List<Role> ROLES =
      List.of(Role.ENFORCED, Role.ENFORCED, Role.QUOTA, Role.SHADOW, Role.CANDIDATE, Role.JOINED);

  private final Random random = new Random(SEED);
  private final Map<String, CounterState> states = new HashMap<>();
  private final Holds twin =
      new Holds(
          new HashMap<>(),
          key -> states.getOrDefault(key, CounterState.ABSENT),
          (key, state) -> states.put(key, state));
  private final List<Taken> taken = new ArrayList<>();
  private final List<String> keys =
      IntStream.range(0, FORMS.length).mapToObj(i -> "held:" + i).toList();
  private final List<String> watched = new ArrayList<>(keys);
  private Limit[] limits = limits();
  private long usual = 10 * SECOND;
  private long names;
  private long now = 1_700_000_000_000_000L;

  private record Ask(Role role, String key, Limit limit, long cost, Holding holding)
      implements Ledger.Entry {}

  /** A hold as Redis and as the twin number it. */
  private record One(String key, Limit limit, Held redis, Held twin) {}

  private record Taken(String name, List<One> holds) {}

  @Test
  void holds_equalTheirTwin() {
    keys.forEach(key -> watched.addAll(book(key)));
    try (ScriptUnderTest script = new ScriptUnderTest(TestRedis.shared().uri())) {
      for (int step = 0; step < STEPS; step++) {
        String label = "seed %d step %d".formatted(SEED, step);
        move();
        if (random.nextInt(2_000) == 0) {
          startAnew(script);
        }
        if (taken.isEmpty() || random.nextInt(5) < 2) {
          ask(script, label);
        } else {
          end(script, label);
        }
      }
    }
  }

  private static List<String> book(String key) {
    return List.of(key + "^holds", key + "^aside", key + "^order");
  }

  private Limit[] limits() {
    long most = random.nextInt(3) == 0 ? 5 : 1 + random.nextInt(1_000);
    long window = (1 + random.nextInt(60)) * SECOND;
    return IntStream.range(0, FORMS.length)
        .mapToObj(i -> Limits.of(FORMS[i], most, window, /* rate= */ most, window))
        .toArray(Limit[]::new);
  }

  private void startAnew(ScriptUnderTest script) {
    watched.forEach(script::delete);
    keys.forEach(twin::reset);
    states.clear();
    taken.clear();
    limits = limits();
    usual = (1 + random.nextInt(40)) * SECOND;
  }

  private void move() {
    now +=
        switch (random.nextInt(40)) {
          case 0 -> 70 * SECOND;
          case 1, 2 -> usual;
          case 3, 4, 5, 6 -> random.nextInt((int) SECOND);
          case 7, 8 -> 0;
          default -> random.nextInt((int) usual / 20);
        };
  }

  private long duration() {
    return switch (random.nextInt(12)) {
      case 0 -> 10 * usual;
      case 1 -> Math.max(1_000, usual / 10);
      case 2 -> 1_000 + random.nextInt((int) usual * 2);
      default -> usual;
    };
  }

  private void ask(ScriptUnderTest script, String label) {
    List<Integer> places = new ArrayList<>(IntStream.range(0, keys.size()).boxed().toList());
    Collections.shuffle(places, random);
    List<Ask> asks = new ArrayList<>();
    int count = 1 + random.nextInt(3);
    for (int i = 0; i < count; i++) {
      asks.add(ask(places.get(i), i == 0));
    }
    boolean receipt = random.nextInt(4) == 0;
    String name = "%011d".formatted(++names);
    String receiptKey = "receipt:" + "0".repeat(25) + name;
    DecideArguments call = new DecideArguments(now);
    call.question(asks.stream().map(Ask::role).toList(), false, false, receipt);
    if (receipt) {
      call.receipt(receiptKey);
    }
    call.holds(name, asks.size());
    for (Ask ask : asks) {
      call.counter(
          ask.key(),
          ask.limit(),
          ask.cost(),
          ask.holding().micros(),
          ask.holding().chargedWhenExpired());
    }
    asks.forEach(ask -> call.book(book(ask.key())));

    twin.sweep(asks, now);
    Ledger.Decision decision =
        Ledger.whole(asks, key -> states.getOrDefault(key, CounterState.ABSENT), now);
    List<Outcome> outcomes = twin.outcomes(asks, decision, now);
    states.putAll(decision.written());
    List<Held> held = twin.take(asks, decision, name, now);

    ScriptUnderTest.Ran ran = run(script, call);
    Reply reply = ScriptUnderTest.reply(ScriptUnderTest.now(ran.reply()));
    assertEquals(now, reply.nextNumber(), label);
    assertEquals(
        decision.admitted() ? Reply.Code.ADMITTED : Reply.Code.DENIED,
        reply.nextCode(),
        () -> label + ": " + asks);
    outcomes.forEach(
        outcome -> assertEquals(outcome, reply.nextOutcome(), () -> label + ": " + asks));
    List<One> ones = new ArrayList<>();
    for (int i = 0; i < asks.size(); i++) {
      Held said = held(reply);
      Held mine = held.get(i);
      assertEquals(comparable(mine), comparable(said), () -> label + ": " + asks);
      if (said.number() != 0) {
        ones.add(new One(asks.get(i).key(), asks.get(i).limit(), said, mine));
      }
    }
    if (receipt) {
      boolean apart =
          decision.admitted()
              && asks.stream()
                  .anyMatch(
                      ask ->
                          decision.charged().containsKey(ask.key()) && ask.holding().micros() == 0);
      assertEquals(apart ? 1 : 0, reply.nextNumber(), label);
    }
    assertTrue(reply.isRead(), label);
    if (!ones.isEmpty()) {
      taken.add(new Taken(name, ones));
    }
    compareStates(ran, label + ": " + asks);
  }

  private Ask ask(int place, boolean first) {
    Limit limit = limits[place];
    Role role = first ? Role.ENFORCED : ROLES.get(random.nextInt(ROLES.size()));
    long cost =
        switch (random.nextInt(8)) {
          case 0 -> 0;
          case 1 -> limit.limit() + random.nextInt(2);
          case 2 -> random.nextInt(6) == 0 ? -1 - random.nextInt(3) : 2;
          default -> 1 + random.nextInt((int) Math.max(1, limit.limit() / 8));
        };
    // What a concurrency limit admits is always held.
    boolean always = limit instanceof ConcurrencyLimit;
    long duration = !always && random.nextInt(6) == 0 ? 0 : duration();
    Limit asked = always ? new ConcurrencyLimit(limit.limit(), duration) : limit;
    return new Ask(
        role, keys.get(place), asked, cost, new Holding(duration, place % 2 == 0 && place < 4));
  }

  private void end(ScriptUnderTest script, String label) {
    Taken one = taken.get(random.nextInt(taken.size()));
    if (random.nextInt(3) > 0) {
      taken.remove(one);
    }
    Ending.What what =
        switch (random.nextInt(8)) {
          case 0, 1 -> Ending.What.RELEASE;
          case 2, 3 -> Ending.What.EXTEND;
          default -> Ending.What.SETTLE;
        };
    boolean extend = what == Ending.What.EXTEND;
    DecideArguments call = new DecideArguments(now);
    call.ending(what, one.name(), one.holds().size());
    List<Ending.Hold> mine = new ArrayList<>();
    for (One hold : one.holds()) {
      long most = Math.max(1, hold.limit().limit());
      long amount =
          what == Ending.What.RELEASE
              ? 0
              : random.nextInt((int) Math.max(2, most / (extend ? 8 : 4)));
      long micros = extend ? duration() : 0;
      Limit limit =
          hold.limit() instanceof ConcurrencyLimit && extend
              ? new ConcurrencyLimit(hold.limit().limit(), micros)
              : hold.limit();
      call.hold(
          hold.key(),
          book(hold.key()),
          limit,
          amount,
          micros,
          hold.redis().number(),
          hold.redis().expiresMicros());
      mine.add(
          new Ending.Hold(
              hold.key(),
              limit,
              amount,
              micros,
              hold.twin().number(),
              hold.twin().expiresMicros()));
    }
    Ending ending = new Ending(what, one.name(), mine);
    Ending.Result result = twin.end(ending, now);
    ScriptUnderTest.Ran ran = run(script, call);
    Reply reply = ScriptUnderTest.reply(ScriptUnderTest.now(ran.reply()));
    assertEquals(now, reply.nextNumber(), label);
    boolean code = reply.nextCode() == Reply.Code.ADMITTED;
    assertEquals(extend ? result.extended() : true, code, () -> label + ": " + ending);
    for (Ending.Ended expected : result.holds()) {
      Ending.State state = STATES[(int) reply.nextNumber() - 1];
      assertEquals(expected.state(), state, () -> label + ": " + ending + " " + result);
      assertEquals(expected.outcome(), reply.nextOutcome(), () -> label + ": " + ending);
      long sum = reply.nextNumber();
      long owed = reply.nextNumber();
      long last = reply.nextNumber();
      Held said = new Held(sum, owed, 0, extend ? last : 0);
      assertEquals(expected.held(), said, () -> label + ": " + ending + " " + result);
      assertEquals(expected.ended(), extend ? 0 : last, () -> label + ": " + ending);
    }
    assertTrue(reply.isRead(), label);
    compareStates(ran, label + ": " + ending);
  }

  private ScriptUnderTest.Ran run(ScriptUnderTest script, DecideArguments call) {
    ScriptUnderTest.Ran ran = script.decide(call, now, watched, FORMS);
    script.flush();
    return ran;
  }

  private static Held held(Reply reply) {
    return new Held(reply.nextNumber(), reply.nextNumber(), reply.nextNumber(), reply.nextNumber());
  }

  /** Each numbers as it likes. */
  private static Held comparable(Held held) {
    return new Held(held.held(), held.owed(), held.number() == 0 ? 0 : 1, held.expiresMicros());
  }

  private void compareStates(ScriptUnderTest.Ran ran, String label) {
    for (int i = 0; i < keys.size(); i++) {
      int place = i;
      assertEquals(
          StoredForm.of(states.getOrDefault(keys.get(i), CounterState.ABSENT)),
          ScriptUnderTest.hex(ScriptUnderTest.now(ran.stored().get(i))),
          () -> label + ": " + keys.get(place) + " under " + limits[place]);
    }
  }
}
