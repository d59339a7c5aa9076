package io.limiter.jmh;

import io.limiter.algorithm.ConcurrencyLimit;
import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.TokenBucket;
import io.limiter.ledger.Ending;
import io.limiter.ledger.FailureMode;
import io.limiter.ledger.Held;
import io.limiter.ledger.Holding;
import io.limiter.ledger.Role;
import io.limiter.server.fair.Caller;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.redis.RedisCounterStore;
import io.limiter.server.store.redis.RedisSettings;
import io.limiter.server.store.redis.StoreListener;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.IntFunction;

/**
 * What holds cost Redis: microseconds of its processor time for a decision; for one with a receipt;
 * for a reservation and its settlement; for a concurrency limit's hold and its release; and for
 * these on counters that hold little or much. Then the bytes that a hold takes. Asks our own store,
 * in this process, so many questions under way at a time. Each is asked in turn, round by round.
 *
 * <pre>
 * java -cp jmh/target/benchmarks.jar io.limiter.jmh.HoldCpu [--in-flight N] [--rounds N] \
 *     [--questions N]
 * </pre>
 */
public final class HoldCpu {
  private static final long HOUR = 3_600_000_000L;
  private static final int KEYS = 1_000;
  private static final int MANY = 10_000;
  private static final int FEW = 10;
  private static final Limit BUCKET = TokenBucket.of(1_000_000, 1_000_000, 1L << 40);
  private static final Limit WINDOW = FixedWindow.per(24 * HOUR, 1L << 40);
  private static final Limit CONCURRENT = new ConcurrencyLimit(1L << 40, HOUR);

  private final RedisCounterStore store;
  private final BenchedRedis redis;
  private final int inFlight;
  private final int questions;

  private HoldCpu(RedisCounterStore store, BenchedRedis redis, int inFlight, int questions) {
    this.store = store;
    this.redis = redis;
    this.inFlight = inFlight;
    this.questions = questions;
  }

  /** Prints the medians of all rounds. */
  public static void main(String[] arguments) throws Exception {
    ExecutorService loop = Executors.newSingleThreadExecutor();
    try (BenchedRedis redis = BenchedRedis.at("");
        RedisCounterStore store =
            RedisCounterStore.connect(
                RedisSettings.of(redis.uri(), Duration.ofSeconds(5)),
                StoreListener.NONE,
                () -> loop,
                () -> Caller.NOBODY)) {
      store.loadScripts().toCompletableFuture().join();
      new HoldCpu(
              store,
              redis,
              option(arguments, "--in-flight", 128),
              option(arguments, "--questions", 40_000))
          .run(option(arguments, "--rounds", 5));
    } finally {
      loop.shutdownNow();
    }
  }

  private static int option(String[] arguments, String name, int otherwise) {
    int at = Arrays.asList(arguments).indexOf(name);
    return at < 0 ? otherwise : Integer.parseInt(arguments[at + 1]);
  }

  private record Case(String name, IntFunction<CompletionStage<?>> ask) {}

  private void run(int rounds) throws IOException {
    List<Case> cases = new ArrayList<>();
    for (Limit limit : List.of(BUCKET, WINDOW)) {
      String of = limit.algorithm().label();
      cases.add(new Case(of + ", a decision", i -> store.decide(plain(key("p", limit, i), limit))));
      cases.add(
          new Case(
              of + ", a decision with a receipt",
              i -> store.decide(receipted(key("r", limit, i), limit))));
      cases.add(
          new Case(
              of + ", reserved and settled for less",
              i -> heldAndEnded(key("h", limit, i), limit, Ending.What.SETTLE)));
    }
    cases.add(
        new Case(
            "concurrency, acquired and released",
            i -> heldAndEnded(key("c", CONCURRENT, i), CONCURRENT, Ending.What.RELEASE)));
    for (int holds : new int[] {FEW, MANY}) {
      String key = key("f" + holds, BUCKET, 0);
      await(holds, i -> store.decide(held(key, BUCKET, HOUR)));
      Long bytes = redis.connection().sync().memoryUsage(key + "^holds");
      System.out.printf("%.1f bytes for a hold of %d%n", (double) bytes / holds, holds);
      cases.add(
          new Case(
              "token-bucket, reserved and settled beside %d holds".formatted(holds),
              i -> heldAndEnded(key, BUCKET, Ending.What.SETTLE)));
      cases.add(
          new Case(
              "token-bucket, decided beside %d holds".formatted(holds),
              i -> store.decide(held(key, BUCKET, 0))));
    }
    double[][] micros = new double[cases.size()][rounds];
    for (int round = -1; round < rounds; round++) {
      for (int i = 0; i < cases.size(); i++) {
        double used = micros(cases.get(i));
        if (round >= 0) {
          micros[i][round] = used;
        }
      }
    }
    System.out.printf(
        "CPU %s; Redis %s; %d under way%n", Cpu.model(), redis.info().version(), inFlight);
    for (int i = 0; i < cases.size(); i++) {
      Arrays.sort(micros[i]);
      System.out.printf("%6.2f us  %s%n", micros[i][rounds / 2], cases.get(i).name());
    }
  }

  private double micros(Case one) {
    double before = redis.info().cpuMicros();
    await(questions, one.ask());
    return (redis.info().cpuMicros() - before) / questions;
  }

  private void await(int count, IntFunction<CompletionStage<?>> ask) {
    Semaphore room = new Semaphore(inFlight);
    for (int i = 0; i < count; i++) {
      room.acquireUninterruptibly();
      var unused =
          ask.apply(i)
              .whenComplete(
                  (answer, failure) -> {
                    room.release();
                    if (failure != null) {
                      throw new IllegalStateException(failure);
                    }
                  });
    }
    room.acquireUninterruptibly(inFlight);
  }

  private static String key(String name, Limit limit, int i) {
    return "limiter:{%s%d|}:rule:%s".formatted(name, i % KEYS, limit.algorithm().letter());
  }

  private static Charge plain(String key, Limit limit) {
    return new Charge.Whole(List.of(new Charge.Entry(key, limit, 1)));
  }

  private static Charge receipted(String key, Limit limit) {
    return new Charge.Whole(List.of(new Charge.Entry(key, limit, 1)), true, null);
  }

  private static Charge held(String key, Limit limit, long micros) {
    return new Charge.Whole(
        List.of(
            new Charge.Entry(
                Role.ENFORCED,
                key,
                limit,
                1,
                FailureMode.LOCAL,
                /* lease= */ null,
                /* learns= */ false,
                new Holding(micros, /* chargedWhenExpired= */ false))));
  }

  private CompletionStage<Answer> heldAndEnded(String key, Limit limit, Ending.What what) {
    return store
        .decide(held(key, limit, HOUR))
        .thenCompose(
            answer -> {
              Answer.Decided taken = (Answer.Decided) answer;
              Held held = taken.held().get(0);
              Ending.Hold hold =
                  new Ending.Hold(key, limit, 0, 0, held.number(), held.expiresMicros());
              return store.decide(
                  new Charge.Ending(
                      new Ending(what, taken.holdName(), List.of(hold)), Charge.ANY_WAIT));
            });
  }
}
