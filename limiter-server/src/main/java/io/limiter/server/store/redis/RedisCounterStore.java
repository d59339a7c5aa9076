package io.limiter.server.store.redis;

import io.limiter.algorithm.Limit;
import io.limiter.script.Reply;
import io.limiter.script.Scripts;
import io.limiter.server.key.CounterKeys;
import io.limiter.server.key.Receipt;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.CounterStore;
import io.limiter.server.store.LeaseSource;
import io.limiter.server.store.StoreException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The counters in one Redis.
 *
 * <p>A question that is not answered within its deadline fails as unavailable. It may still be
 * charged if Redis gets to it later, but never twice: nothing is ever sent again.
 */
public final class RedisCounterStore implements CounterStore, LeaseSource, AutoCloseable {
  private final SecureRandom random = new SecureRandom();
  private final RedisSettings settings;
  private final RedisConnections connections;
  private final ScriptCaller scripts;
  private final Batcher batcher;
  private final Deadlines deadlines;
  private final LeaseCalls leases;

  /** Calls that are not questions and wait for Redis. */
  private final AtomicInteger waiting = new AtomicInteger();

  private final Supplier<? extends @Nullable Executor> home;

  private RedisCounterStore(
      RedisSettings settings, StoreListener listener, Supplier<? extends @Nullable Executor> home) {
    this.settings = settings;
    this.home = home;
    connections = new RedisConnections(settings);
    scripts = new ScriptCaller(connections);
    batcher = new Batcher(scripts, settings, listener, connections::execute);
    deadlines =
        new Deadlines(
            settings.deadline(),
            "Redis at %s did not answer within %d ms"
                .formatted(settings.address(), settings.deadline().toMillis()));
    leases = new LeaseCalls(this::call);
  }

  /**
   * Starts to connect, and returns at once, also when Redis is away: it is used when it is there.
   */
  public static RedisCounterStore connect(RedisSettings settings, StoreListener listener) {
    return connect(settings, listener, () -> null);
  }

  /**
   * The same.
   *
   * @param home tells of the thread that asks where it wants its answers told, if it minds: they
   *     then come there together
   */
  public static RedisCounterStore connect(
      RedisSettings settings, StoreListener listener, Supplier<? extends @Nullable Executor> home) {
    return new RedisCounterStore(settings, listener, home);
  }

  /** Whether there is a connection at the moment. */
  public boolean connected() {
    return connections.connected();
  }

  /**
   * Has Redis load all that it may be asked to run: the first call of a script that it does not
   * know takes longer. Never fails; the stage is complete when nothing more is to be waited for.
   */
  public CompletionStage<Void> loadScripts() {
    return scripts.load(Scripts.STANDARD.all());
  }

  /** Where the counters are, for a person to read. */
  public String describe() {
    return settings.address();
  }

  @Override
  public CompletionStage<Answer> decide(Charge charge) {
    Receipt receipt =
        charge instanceof Charge.Whole whole && whole.wantReceipt()
            ? Receipt.forCounter(
                charge.entries().get(0).key(), random.nextLong(), random.nextLong())
            : null;
    Waiting question = new Waiting(charge, receipt, deadlines.next(), home.get());
    batcher.submit(question);
    if (!question.isDone()) {
      deadlines.watch(question);
    }
    return question;
  }

  /** In two calls: a script declares every key that it touches, and only the record names them. */
  @Override
  public CompletionStage<Boolean> refund(Receipt receipt) {
    List<String> keys = new ArrayList<>(List.of(CounterKeys.receipt(receipt)));
    return call(Scripts.STANDARD.charged(), keys, List.of())
        .thenCompose(
            charged -> {
              if (charged.isRead()) {
                return CompletableFuture.completedStage(false);
              }
              while (!charged.isRead()) {
                keys.add(charged.nextText());
              }
              return call(Scripts.STANDARD.refund(), keys, List.of())
                  .thenApply(reply -> reply.nextNumber() == 1);
            });
  }

  @Override
  public CompletionStage<Integer> reset(List<String> keys) {
    if (keys.isEmpty()) {
      return CompletableFuture.completedStage(0);
    }
    return call(Scripts.STANDARD.reset(), keys, List.of())
        .thenApply(reply -> (int) reply.nextNumber());
  }

  @Override
  public CompletionStage<Drawn> draw(String key, Limit limit, long most) {
    return leases.draw(key, limit, most);
  }

  @Override
  public CompletionStage<Integer> giveBack(List<Unused> unused) {
    return leases.giveBack(unused);
  }

  private CompletionStage<Reply> call(
      Scripts.Script script, List<String> keys, List<String> arguments) {
    if (waiting.incrementAndGet() > settings.queueSize()) {
      waiting.decrementAndGet();
      return CompletableFuture.failedStage(
          new StoreException(
              StoreException.Kind.OVERLOADED,
              settings.queueSize()
                  + " refunds, resets and draws wait for Redis already; ask again later",
              null));
    }
    return scripts
        .call(script, keys, arguments)
        .whenComplete((reply, failure) -> waiting.decrementAndGet());
  }

  @Override
  public void close() {
    deadlines.close();
    connections.close();
  }

  @Override
  public String toString() {
    return describe() + (connected() ? "" : " (not connected)");
  }
}
