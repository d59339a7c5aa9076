package io.limiter.testing.history;

import io.limiter.algorithm.Algorithm;
import io.limiter.algorithm.CounterState;
import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.Outcome;
import io.limiter.algorithm.Step;
import io.limiter.ledger.FailureMode;
import io.limiter.testing.Limits;
import io.limiter.testing.history.Event.Answer;
import io.limiter.testing.history.Event.By;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * The history of a limiter that is a model: one counter in a Redis that is paused, begins anew, or
 * fails over, and in instances that answer meanwhile. The model may have a bug.
 */
final class ModelRun {
  /** What is wrong with the limiter. */
  enum Bug {
    NONE,
    /** Each instance admits the whole limit while Redis is away. */
    WHOLE_SHARE,
    /** Instances forget what they admitted when Redis comes back. */
    SHARE_FORGOTTEN,
    /** Some admissions are not written. */
    CHARGE_LOST,
    /** A denial takes what is left. */
    DENIAL_CHARGED,
    /** Some admissions are written twice. */
    CHARGED_TWICE,
    /** Redis loses its data in the middle of a life. */
    REDIS_FORGETS,
    /** What is promoted has not what it was known to have. */
    REPLICA_IS_EMPTY
  }

  private record Question(String instance, long cost, long asked, long decided, long answered) {}

  private static final String KEY = "counter";
  private static final int QUESTIONS = 600;
  private static final long START = 1_766_666_400_000_000L;

  private final Random random;
  private final Bug bug;
  private final int instances;
  private final Limit limit;
  private final Limit share;
  private final long patience;
  private final List<Event> events = new ArrayList<>();
  private final List<Incarnation> lives = new ArrayList<>();
  private final List<Faults.Pause> pauses = new ArrayList<>();
  private final Map<String, CounterState> local = new LinkedHashMap<>();
  private CounterState stored = CounterState.ABSENT;
  private CounterState replica = CounterState.ABSENT;
  private int struck;

  ModelRun(Algorithm algorithm, Bug bug, long seed) {
    random = new Random(seed);
    this.bug = bug;
    instances = 2 + random.nextInt(2);
    long most = instances * (2L + random.nextInt(8));
    long window = 100_000L * (1 + random.nextInt(10));
    limit = Limits.of(algorithm, most, window, 1 + random.nextLong(2 * most), window);
    share = limit.share(bug == Bug.WHOLE_SHARE ? 1 : instances);
    patience = window / 10;
    long gap = window / (1 + random.nextInt(4 * (int) most));
    run(questions(gap, 1 + random.nextLong(2 * gap)));
  }

  /** How often the bug made a difference. */
  int struck() {
    return struck;
  }

  History history() {
    return new History(
        Map.of(KEY, new Counter(limit, FailureMode.LOCAL)),
        events,
        new Faults(lives, pauses, instances, instances, patience));
  }

  /** In the order of their decisions. */
  private List<Question> questions(long gap, long slow) {
    List<Question> questions = new ArrayList<>();
    long now = START;
    for (int i = 0; i < QUESTIONS; i++) {
      now += random.nextLong(2 * gap + 1);
      long decided = now + random.nextLong(slow);
      long answered = decided + random.nextLong(slow);
      String instance = "" + (char) ('a' + random.nextInt(instances));
      questions.add(new Question(instance, 1 + random.nextInt(3), now, decided, answered));
    }
    questions.sort(Comparator.comparingLong(Question::decided));
    return questions;
  }

  private void run(List<Question> questions) {
    int at = 0;
    long from = START;
    long kept = -1;
    while (at < questions.size()) {
      int busy = 1 + (random.nextBoolean() ? random.nextInt(15) : random.nextInt(150));
      int until = Math.min(questions.size(), at + busy);
      int snapshot = at + random.nextInt(until - at);
      int forgets = bug == Bug.REDIS_FORGETS ? (at + until) / 2 : -1;
      CounterState handedOn = CounterState.ABSENT;
      long keptNext = 0;
      for (; at < until; at++) {
        if (at == snapshot) {
          replica = stored;
          handedOn = stored;
          keptNext = questions.get(at).decided();
        }
        if (at == forgets && isUsed(limit, stored, questions.get(at).decided())) {
          stored = CounterState.ABSENT;
          struck++;
        }
        byRedis(questions.get(at));
      }
      long cut = questions.get(at - 1).decided();
      int away = 1 + (random.nextBoolean() ? random.nextInt(10) : random.nextInt(60));
      int back = Math.min(questions.size(), at + away);
      for (; at < back; at++) {
        byInstance(questions.get(at), questions.get(at).answered());
      }
      long begins = questions.get(at - 1).decided();
      if (at == back && bug == Bug.SHARE_FORGOTTEN) {
        struck += local.values().stream().anyMatch(state -> isUsed(share, state, begins)) ? 1 : 0;
        local.clear();
      }
      int what = random.nextInt(3);
      if (what == 0 && cut < begins) {
        pauses.add(new Faults.Pause(cut + 1, begins));
        continue;
      }
      lives.add(life(from, cut, kept));
      from = begins;
      kept = what == 1 ? keptNext : -1;
      stored = what == 1 ? replica : CounterState.ABSENT;
      if (what == 1 && bug == Bug.REPLICA_IS_EMPTY) {
        struck += isUsed(limit, handedOn, begins) ? 1 : 0;
        stored = CounterState.ABSENT;
      }
    }
    lives.add(life(from, Long.MAX_VALUE, kept));
  }

  private static boolean isUsed(Limit limit, CounterState state, long now) {
    return limit.decide(state, 0, now).outcome().remaining() < limit.limit();
  }

  private static Incarnation life(long from, long to, long kept) {
    return kept < 0 ? Incarnation.empty(from, to) : Incarnation.promoted(from, to, kept);
  }

  private void byRedis(Question question) {
    if (random.nextInt(30) == 0) {
      // The reply is lost, after the charge.
      long late = question.asked() + random.nextLong(patience);
      if (question.decided() <= question.asked() + patience) {
        stored = limit.decide(stored, question.cost(), question.decided()).after();
      }
      if (random.nextBoolean()) {
        byInstance(question, Math.max(late, question.decided()));
      } else {
        add(question, late, Answer.NONE);
      }
      return;
    }
    Step step = limit.decide(stored, question.cost(), question.decided());
    add(question, question.answered(), told(By.REDIS, step.outcome()));
    stored = written(step, question);
  }

  private CounterState written(Step step, Question question) {
    boolean admits = step.outcome().admits();
    long left = step.outcome().remaining();
    if (bug == Bug.CHARGE_LOST && admits && random.nextInt(10) == 0) {
      struck++;
      return stored;
    }
    if (bug == Bug.CHARGED_TWICE && admits && left >= question.cost() && random.nextInt(5) == 0) {
      struck++;
      return limit.decide(step.after(), question.cost(), question.decided()).after();
    }
    if (bug == Bug.DENIAL_CHARGED && !admits && left > 0) {
      struck++;
      return limit.decide(stored, left, question.decided()).after();
    }
    return step.after();
  }

  private void byInstance(Question question, long answered) {
    CounterState state = local.getOrDefault(question.instance(), CounterState.ABSENT);
    Step step = share.decide(state, question.cost(), question.decided());
    local.put(question.instance(), step.after());
    add(question, answered, told(By.LOCAL, step.outcome()));
    if (step.outcome().admits() && bug == Bug.WHOLE_SHARE) {
      struck++;
    }
    if (step.outcome().admits() && limit instanceof FixedWindow fixed && random.nextBoolean()) {
      // What was admitted here is charged to Redis, in the window in which it was.
      replica = fixed.count(replica, question.cost(), question.decided()).after();
      stored = fixed.count(stored, question.cost(), question.decided()).after();
    }
  }

  private static Answer told(By by, Outcome outcome) {
    return new Answer(by, outcome.admits(), outcome.remaining(), outcome.resetAfterMicros());
  }

  private void add(Question question, long answered, Answer answer) {
    events.add(
        new Event(question.instance(), KEY, question.cost(), question.asked(), answered, answer));
  }

  @Override
  public String toString() {
    return "%d instances under %s with %s".formatted(instances, limit, bug);
  }
}
