package io.limiter.jmh;

import io.limiter.algorithm.Outcome;
import io.limiter.algorithm.TokenBucket;
import io.limiter.server.key.Receipt;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.CounterStore;
import io.limiter.server.store.Observation;
import io.limiter.server.store.deny.DenyCache;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What does the deny cache cost a question that it knows, and one that it does not know? Measured
 * while the cache is empty and while it is full. {@code withoutCache} is the same question to the
 * same store, which answers at once: the difference is the cache's. Keys are made anew for each
 * question, as the service does, and change from question to question.
 *
 * <pre>java -jar jmh/target/benchmarks.jar DenyCacheBenchmark -prof gc</pre>
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class DenyCacheBenchmark {
  private static final int KEYS = 10_000;
  private static final TokenBucket LIMIT = TokenBucket.of(1, 86_400_000_000L, 10);

  private final Fixed store = new Fixed();

  /** Its clock stands still, so that nothing ends while it is measured. */
  private final DenyCache full =
      new DenyCache(store, Duration.ofMinutes(1), DenyCacheBenchmark::still);

  private final DenyCache empty =
      new DenyCache(store, Duration.ofMinutes(1), DenyCacheBenchmark::still);
  private int next;

  /** Denies while the cache is filled, and admits from then on. */
  private static final class Fixed implements CounterStore {
    private Answer answer = answer(false, new Outcome.Denied(0, 86_400_000_000L, 86_400_000_000L));

    private static Answer answer(boolean admitted, Outcome outcome) {
      return new Answer.Decided(admitted, List.of(outcome), 0, null, false);
    }

    void admit() {
      answer = answer(true, new Outcome.Admitted(9, 1_000_000, 0));
    }

    @Override
    public CompletionStage<Answer> decide(Charge charge) {
      return CompletableFuture.completedFuture(answer);
    }

    @Override
    public CompletionStage<Boolean> refund(Receipt receipt) {
      return CompletableFuture.completedStage(false);
    }

    @Override
    public CompletionStage<Integer> observe(List<String> keys, Observation said) {
      return CompletableFuture.completedStage(0);
    }

    @Override
    public CompletionStage<Integer> reset(List<String> keys) {
      return CompletableFuture.completedStage(0);
    }
  }

  /** Takes as long as a look at the clock, and says the same. */
  private static long still() {
    return System.nanoTime() & 1;
  }

  @Setup
  public void fill() {
    for (int i = 0; i < KEYS; i++) {
      var unused = full.decide(charge(i));
    }
    if (full.size() != KEYS) {
      throw new IllegalStateException(full.size() + " of " + KEYS + " denials are cached");
    }
    store.admit();
  }

  private static Charge charge(int key) {
    String name = "limiter:{0123456789abcdef}:per-user:t:user-" + (1_000_000 + key);
    return new Charge.Whole(List.of(new Charge.Entry(name, LIMIT, 1)));
  }

  private Charge nextCharge(int from) {
    next = next + 1 == KEYS ? 0 : next + 1;
    return charge(from + next);
  }

  @Benchmark
  public Object withoutCache() {
    return store.decide(nextCharge(0));
  }

  @Benchmark
  public Object unknownToAnEmptyCache() {
    return empty.decide(nextCharge(0));
  }

  @Benchmark
  public Object unknownToAFullCache() {
    return full.decide(nextCharge(KEYS));
  }

  @Benchmark
  public Object known() {
    return full.decide(nextCharge(0));
  }
}
