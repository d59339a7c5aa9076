package io.limiter.server.store.redis;

import io.limiter.algorithm.Limit;
import io.limiter.script.Reply;
import io.limiter.script.Scripts;
import io.limiter.server.store.LeaseSource.Prefetched;
import io.limiter.server.store.LeaseSource.Unused;
import io.limiter.server.store.StoreException;
import io.limiter.server.store.redis.connect.RedisConnections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One Redis: the connection to it, the batches that are sent there, its newest time. Nothing here
 * blocks or is ever sent twice. Safe to call from any thread. Stages fail with a {@link
 * StoreException}.
 */
final class RedisNode implements AutoCloseable {
  private final RedisSettings settings;
  private final RedisConnections connections;
  private final ScriptCaller scripts;
  private final Batcher batcher;
  private final LeaseCalls leases;
  private final Breaker breaker;

  /** Made once: a method reference would be an object for each question. */
  private final Runnable late;

  /** How many calls that are not questions wait for Redis. */
  private final AtomicInteger calls = new AtomicInteger();

  /** Starts to connect, and returns at once, also when Redis is away. */
  RedisNode(RedisSettings settings, StoreListener listener) {
    this.settings = settings;
    RedisTime time = new RedisTime();
    breaker = new Breaker(settings.address(), System::nanoTime);
    late = breaker::missed;
    connections = new RedisConnections(settings.connection());
    scripts = new ScriptCaller(connections);
    batcher =
        new Batcher(
            scripts,
            scripts::refused,
            time,
            settings,
            new Watched(listener, breaker),
            connections::execute);
    leases = new LeaseCalls(this::call, scripts::refused, time);
  }

  /** Runs a task soon, behind what has arrived from Redis by now. */
  void execute(Runnable task) {
    connections.execute(task);
  }

  /** The connection to it. */
  RedisConnections connections() {
    return connections;
  }

  /** Where it is, without user and password. */
  String address() {
    return settings.address();
  }

  /** Whether there is a connection at the moment. */
  boolean connected() {
    return connections.connected();
  }

  /** How it stands with Redis at the moment, for people. */
  String state() {
    return connections.state();
  }

  /** Has Redis load all scripts. Never fails; completes when nothing more is to be waited for. */
  CompletionStage<Void> loadScripts() {
    return scripts.load(Scripts.STANDARD.all());
  }

  /**
   * Answers a question, as one of a batch. It fails at once if too many wait already, and if Redis
   * leaves questions unanswered.
   */
  void decide(PendingQuestion question) {
    question.onLate(late);
    if (breaker.lets()) {
      batcher.submit(question);
    } else {
      question.completeExceptionally(breaker.refusal());
    }
  }

  /** Tells the breaker of answers, and the listener of everything. */
  private record Watched(StoreListener listener, Breaker breaker) implements StoreListener {
    @Override
    public void batchSent(int charges) {
      listener.batchSent(charges);
    }

    @Override
    public void batchAnswered(long nanos) {
      breaker.answered();
      listener.batchAnswered(nanos);
    }

    @Override
    public void batchFailed(StoreException.Kind kind) {
      listener.batchFailed(kind);
    }
  }

  CompletionStage<Prefetched> prefetch(String key, Limit limit, long most) {
    return leases.prefetch(key, limit, most);
  }

  CompletionStage<Integer> returnUnused(List<Unused> unused) {
    return leases.returnUnused(unused);
  }

  /** Calls a script that decides no question. It fails as overload if too many wait already. */
  CompletionStage<Reply> call(Scripts.Script script, List<String> keys, List<String> arguments) {
    if (calls.incrementAndGet() > settings.queueSize()) {
      calls.decrementAndGet();
      return CompletableFuture.failedStage(
          new StoreException(
              StoreException.Kind.OVERLOADED,
              settings.queueSize()
                  + " refunds, resets and draws wait for Redis already; ask again later",
              null));
    }
    return scripts
        .call(script, keys, arguments)
        .whenComplete((reply, failure) -> calls.decrementAndGet());
  }

  @Override
  public void close() {
    connections.close();
  }

  @Override
  public String toString() {
    return address() + (connected() ? "" : " (not connected)");
  }
}
