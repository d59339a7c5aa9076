package io.limiter.server.store.redis;

import io.limiter.algorithm.Limit;
import io.limiter.script.Reply;
import io.limiter.script.Scripts;
import io.limiter.server.store.Claim;
import io.limiter.server.store.Debt;
import io.limiter.server.store.DebtTarget.Paid;
import io.limiter.server.store.LeaseSource.Prefetched;
import io.limiter.server.store.LeaseSource.Unused;
import io.limiter.server.store.StoreException;
import io.limiter.server.store.redis.connect.RedisConnections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * One Redis: the connection to it, the batches that are sent there, its newest time. Nothing here
 * blocks, and nothing that it may have run is sent again. Safe to call from any thread. Stages fail
 * with a {@link StoreException}.
 */
final class RedisNode implements AutoCloseable {
  private final RedisSettings settings;
  private final RedisConnections connections;
  private final ScriptCaller scripts;
  private final Batcher batcher;
  private final LeaseCalls leases;
  private final SettleCalls settlements;
  private final Breaker breaker;
  private final Deadlines deadlines;

  /** Made once: a method reference would be an object for each question. */
  private final Runnable late;

  /** How many calls that are not questions wait for Redis. */
  private final AtomicInteger calls = new AtomicInteger();

  /** One that holds every key. */
  RedisNode(RedisSettings settings, StoreListener listener) {
    this(settings, listener, node -> Batcher.Redirects.NONE);
  }

  /**
   * Starts to connect, and returns at once, also when Redis is away.
   *
   * @param redirects takes over what this one does not hold
   */
  RedisNode(
      RedisSettings settings,
      StoreListener listener,
      Function<RedisNode, Batcher.Redirects> redirects) {
    this.settings = settings;
    RedisTime time = new RedisTime();
    breaker = new Breaker(settings.address(), System::nanoTime);
    late = this::late;
    connections = new RedisConnections(settings.connection());
    scripts = new ScriptCaller(connections);
    batcher =
        new Batcher(
            scripts::call,
            scripts::refused,
            time,
            settings,
            new Watched(listener, breaker),
            redirects.apply(this),
            connections::execute);
    deadlines =
        new Deadlines(
            settings.deadline(),
            settings.longestDeadline(),
            settings.address(),
            connections::execute);
    leases = new LeaseCalls(this::call, scripts::refused, time);
    settlements = new SettleCalls(this::call, scripts::refused, time);
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
   * Answers a question, as one of a batch. It fails at once, on this thread, if too many wait
   * already, if Redis leaves questions unanswered, and while there is no connection.
   */
  void decide(PendingQuestion question) {
    decideRedirected(question);
    if (!question.isDone()) {
      deadlines.watch(question);
    }
  }

  /** Whoever asks no one misses no answer: questions that come too late say nothing of Redis. */
  private void late() {
    if (batcher.awaitsAnswer()) {
      breaker.missed();
    }
  }

  /** Answers a question that another node was asked first, which watches its deadline. */
  void decideRedirected(PendingQuestion question) {
    try {
      var unused = connections.get();
    } catch (StoreException notConnected) {
      question.completeExceptionally(notConnected);
      return;
    }
    question.onLate(late);
    if (question.deadlineNanos() - System.nanoTime() <= 0) {
      return; // it is not sent, so it is no probe either
    }
    if (breaker.lets()) {
      batcher.submit(question);
    } else {
      question.completeExceptionally(breaker.refusal());
    }
  }

  /** The same of a question whose slot is on its way to this member of a Cluster. */
  void decideAsking(PendingQuestion question) {
    question.onLate(late);
    batcher.askBy(scripts::asking, question);
  }

  /** When a question that comes now stops waiting, by {@link System#nanoTime}. */
  long deadline(long waitNanos) {
    return deadlines.next(waitNanos);
  }

  /** Calls a script that decides no question, whose slot is on its way here. */
  CompletionStage<Reply> callAsking(
      Scripts.Script script, List<String> keys, List<String> arguments) {
    return scripts.asking(script, keys, arguments);
  }

  /** Which members of its Cluster hold which slots. */
  CompletionStage<List<Object>> slots() {
    return scripts.slots();
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

    @Override
    public void expired() {
      listener.expired();
    }

    @Override
    public void chargedLate() {
      listener.chargedLate();
    }
  }

  CompletionStage<Prefetched> prefetch(String key, Limit limit, long most) {
    return leases.prefetch(key, limit, most);
  }

  CompletionStage<Integer> returnUnused(List<Unused> unused) {
    return leases.returnUnused(unused);
  }

  /** Whether it is connected, and answers as far as is known. */
  boolean answers() {
    return connected() && !breaker.isOpen();
  }

  CompletionStage<List<Paid>> settle(List<Debt> debts) {
    return settlements.settle(debts);
  }

  CompletionStage<List<Claim.Fate>> claim(List<Claim> claims) {
    return settlements.claim(claims);
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
        .whenComplete(
            (reply, failure) -> {
              calls.decrementAndGet();
              if (failure == null) {
                // Otherwise a Redis that nobody asks anything would be taken for silent.
                breaker.answered();
              }
            });
  }

  @Override
  public void close() {
    deadlines.close();
    connections.close();
  }

  @Override
  public String toString() {
    return address() + (connected() ? "" : " (not connected)");
  }
}
