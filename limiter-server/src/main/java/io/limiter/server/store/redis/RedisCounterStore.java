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
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The counters in Redis.
 *
 * <p>A question waits as long as its caller does, within bounds, and then fails as a timeout. It
 * may still be charged if Redis gets to it later, but never twice: nothing is ever sent again.
 */
public final class RedisCounterStore implements CounterStore, LeaseSource, AutoCloseable {
  private final SecureRandom random = new SecureRandom();
  private final Topology topology;
  private final Deadlines deadlines;
  private final Supplier<? extends @Nullable Executor> replyExecutor;
  private final IntSupplier caller;

  private RedisCounterStore(
      Topology topology,
      Deadlines deadlines,
      Supplier<? extends @Nullable Executor> replyExecutor,
      IntSupplier caller) {
    this.topology = topology;
    this.deadlines = deadlines;
    this.replyExecutor = replyExecutor;
    this.caller = caller;
  }

  /**
   * Starts to connect, and returns at once, also when Redis is away. Redis is used as soon as it is
   * there.
   */
  public static RedisCounterStore connect(RedisSettings settings, StoreListener listener) {
    return connect(settings, listener, () -> null);
  }

  /**
   * The same, with a say in which thread tells the answers.
   *
   * @param replyExecutor called by the thread that asks. Names the event loop to complete the
   *     answer on, together with others for it; null for any thread
   */
  public static RedisCounterStore connect(
      RedisSettings settings,
      StoreListener listener,
      Supplier<? extends @Nullable Executor> replyExecutor) {
    return connect(settings, listener, replyExecutor, () -> 0);
  }

  /**
   * The same, with callers that are served in turn.
   *
   * @param caller called by the thread that asks. Names who does, such as by the number of the
   *     connection; 0 for nobody in particular
   */
  public static RedisCounterStore connect(
      RedisSettings settings,
      StoreListener listener,
      Supplier<? extends @Nullable Executor> replyExecutor,
      IntSupplier caller) {
    RedisNode node = new RedisNode(settings, listener);
    Deadlines deadlines =
        new Deadlines(
            settings.deadline(), settings.longestDeadline(), settings.address(), node::execute);
    return new RedisCounterStore(new Topology.Standalone(node), deadlines, replyExecutor, caller);
  }

  /** Whether there is a connection at the moment. */
  public boolean connected() {
    return topology.connected();
  }

  /** How it stands with Redis at the moment, for people: connected or not, and what it refuses. */
  public String state() {
    return topology.state();
  }

  /**
   * Has Redis load its scripts: the first call of one that it does not know takes longer. Never
   * fails; the stage completes when nothing more is to be waited for.
   */
  public CompletionStage<Void> loadScripts() {
    return CompletableFuture.allOf(
        topology.nodes().stream()
            .map(node -> node.loadScripts().toCompletableFuture())
            .toArray(CompletableFuture<?>[]::new));
  }

  /** Where the counters are, for a person to read. */
  public String describe() {
    return topology.address();
  }

  @Override
  public CompletionStage<Answer> decide(Charge charge) {
    Receipt receipt =
        charge instanceof Charge.Whole whole && whole.wantReceipt()
            ? Receipt.forCounter(
                charge.entries().get(0).key(), random.nextLong(), random.nextLong())
            : null;
    PendingQuestion question =
        new PendingQuestion(
            charge,
            receipt,
            deadlines.next(charge.waitNanos()),
            replyExecutor.get(),
            caller.getAsInt());
    List<Charge.Entry> entries = charge.entries();
    topology.node(entries.isEmpty() ? "" : entries.get(0).key()).decide(question);
    if (!question.isDone()) {
      deadlines.watch(question);
    }
    return question;
  }

  /** In two calls: a script declares every key that it touches, and only the record names them. */
  @Override
  public CompletionStage<Boolean> refund(Receipt receipt) {
    List<String> keys = new ArrayList<>(List.of(CounterKeys.receipt(receipt)));
    return call(Scripts.STANDARD.charged(), keys)
        .thenCompose(
            charged -> {
              if (charged.isRead()) {
                return CompletableFuture.completedStage(false);
              }
              while (!charged.isRead()) {
                keys.add(charged.nextText());
              }
              return call(Scripts.STANDARD.refund(), keys)
                  .thenApply(reply -> reply.nextNumber() == 1);
            });
  }

  private CompletionStage<Reply> call(Scripts.Script script, List<String> keys) {
    return topology.node(keys.get(0)).call(script, keys, List.of());
  }

  @Override
  public CompletionStage<Integer> reset(List<String> keys) {
    return onEachNode(
        keys,
        key -> key,
        (node, its) ->
            node.call(Scripts.STANDARD.reset(), its, List.of())
                .thenApply(reply -> (int) reply.nextNumber()));
  }

  @Override
  public CompletionStage<Prefetched> prefetch(String key, Limit limit, long most) {
    return topology.node(key).prefetch(key, limit, most);
  }

  @Override
  public CompletionStage<Integer> returnUnused(List<Unused> unused) {
    return onEachNode(unused, Unused::key, RedisNode::returnUnused);
  }

  /** Asks each node about what it holds, and sums up what they say. */
  private <T> CompletionStage<Integer> onEachNode(
      List<T> all,
      Function<T, String> key,
      BiFunction<RedisNode, List<T>, CompletionStage<Integer>> ask) {
    Map<RedisNode, List<T>> byNode = new HashMap<>();
    for (T one : all) {
      byNode.computeIfAbsent(topology.node(key.apply(one)), node -> new ArrayList<>()).add(one);
    }
    CompletionStage<Integer> sum = CompletableFuture.completedStage(0);
    for (Map.Entry<RedisNode, List<T>> entry : byNode.entrySet()) {
      sum = sum.thenCombine(ask.apply(entry.getKey(), entry.getValue()), Integer::sum);
    }
    return sum;
  }

  /**
   * Notes that an instance is there, for a while from now.
   *
   * @param id of the instance
   * @return how many instances are there, this one among them
   */
  CompletionStage<Integer> announce(String id, Duration lasting) {
    return topology
        .node(CounterKeys.INSTANCES)
        .call(
            Scripts.STANDARD.alive(),
            List.of(CounterKeys.INSTANCES),
            List.of(id, String.valueOf(lasting.toMillis())))
        .thenApply(reply -> (int) reply.nextNumber());
  }

  @Override
  public void close() {
    deadlines.close();
    topology.close();
  }

  @Override
  public String toString() {
    return topology.toString();
  }
}
