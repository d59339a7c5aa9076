package io.limiter.server.store.redis;

import io.limiter.algorithm.Limit;
import io.limiter.script.ObserveArguments;
import io.limiter.script.Scripts;
import io.limiter.server.fair.Caller;
import io.limiter.server.key.Receipt;
import io.limiter.server.key.RecordKeys;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.Claim;
import io.limiter.server.store.CounterStore;
import io.limiter.server.store.CreditListener;
import io.limiter.server.store.Debt;
import io.limiter.server.store.DebtTarget;
import io.limiter.server.store.LeaseSource;
import io.limiter.server.store.Observation;
import io.limiter.server.store.StoreException;
import io.limiter.server.store.endpoint.RedisPlace;
import io.limiter.server.store.redis.cluster.EndingsApart;
import io.limiter.server.store.redis.cluster.InTurn;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The counters in Redis.
 *
 * <p>A question waits as long as its caller does, within bounds, and then fails as a timeout. Redis
 * does not charge what it gets to later. What it may have charged is never sent again.
 */
public final class RedisCounterStore
    implements CounterStore, LeaseSource, DebtTarget, AutoCloseable {
  private final SecureRandom random = new SecureRandom();
  private final Topology topology;
  private final SlotBySlot bySlot;
  private final InTurn inTurn;
  private final EndingsApart endings;
  private final Supplier<? extends @Nullable Executor> replyExecutor;
  private final Supplier<Caller> caller;
  private volatile CreditListener credits = CreditListener.NONE;

  private RedisCounterStore(
      Topology topology,
      Supplier<? extends @Nullable Executor> replyExecutor,
      Supplier<Caller> caller) {
    this.topology = topology;
    this.replyExecutor = replyExecutor;
    this.caller = caller;
    this.inTurn = new InTurn(topology::place, this::decide);
    this.endings = new EndingsApart(topology::place, this::decide);
    this.bySlot =
        new SlotBySlot(topology, this::refund, this::decide, random, replyExecutor, caller);
  }

  /**
   * Starts to connect, and returns at once, also when Redis is away. Redis is used as soon as it is
   * there.
   */
  public static RedisCounterStore connect(RedisSettings settings, StoreListener listener) {
    return connect(settings, listener, () -> null, () -> Caller.NOBODY);
  }

  /**
   * The same, with a say in which thread tells the answers, and with callers that are served in
   * turn, and not once they are gone.
   *
   * @param replyExecutor called by the thread that asks. Names the event loop to complete the
   *     answer on, together with others for it; null for any thread
   * @param caller called by the thread that asks. Says who does
   */
  public static RedisCounterStore connect(
      RedisSettings settings,
      StoreListener listener,
      Supplier<? extends @Nullable Executor> replyExecutor,
      Supplier<Caller> caller) {
    Topology topology =
        settings.endpoint().place() instanceof RedisPlace.Cluster cluster
            ? ClusterTopology.of(cluster, settings, listener)
            : new Topology.Standalone(new RedisNode(settings, listener));
    return new RedisCounterStore(topology, replyExecutor, caller);
  }

  /** Has a listener hear at once of what is refunded here, before whoever asked for it does. */
  void tellCredits(CreditListener listener) {
    credits = listener;
  }

  /** Which Redis holds which counter. */
  Topology topology() {
    return topology;
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
    List<Charge.Entry> entries = charge.entries();
    if (entries.size() > 1 && !isOnePlace(entries)) {
      if (charge instanceof Charge.Ending ending) {
        return endings.decide(ending);
      }
      return charge instanceof Charge.Any any ? inTurn.decide(any) : bySlot.decide(charge);
    }
    Receipt receipt =
        charge.wantReceipt() ? Receipt.forCounter(entries.get(0).key(), random) : null;
    RedisNode node;
    try {
      node = topology.node(entries.isEmpty() ? "" : entries.get(0).key());
    } catch (StoreException nobody) {
      return CompletableFuture.failedStage(nobody);
    }
    PendingQuestion question =
        new PendingQuestion(
            charge, receipt, node.deadline(charge.waitNanos()), replyExecutor.get(), caller.get());
    question.name(charge.hasHolds() ? RecordKeys.holdName(random) : RecordKeys.NO_HOLD);
    node.decide(question);
    return question;
  }

  private boolean isOnePlace(List<Charge.Entry> entries) {
    int first = topology.place(entries.get(0).key());
    for (int i = 1; i < entries.size(); i++) {
      if (topology.place(entries.get(i).key()) != first) {
        return false;
      }
    }
    return true;
  }

  /** In two calls: a script declares every key that it touches, and only the record names them. */
  @Override
  public CompletionStage<Boolean> refund(Receipt receipt) {
    CompletionStage<Boolean> any = CompletableFuture.completedStage(false);
    for (Receipt one : receipt.inEachSlot()) {
      any = any.thenCombine(refundInSlot(one), Boolean::logicalOr);
    }
    return any;
  }

  private CompletionStage<Boolean> refundInSlot(Receipt receipt) {
    List<String> keys = new ArrayList<>(List.of(RecordKeys.receipt(receipt)));
    return topology
        .call(Scripts.STANDARD.charged(), keys, List.of())
        .thenCompose(
            charged -> {
              if (charged.isRead()) {
                return CompletableFuture.completedStage(false);
              }
              while (!charged.isRead()) {
                keys.add(charged.nextText());
              }
              return topology
                  .call(Scripts.STANDARD.refund(), keys, List.of())
                  .thenApply(reply -> reply.nextNumber() == 1)
                  .whenComplete((given, failure) -> credits.credited(keys.subList(1, keys.size())));
            });
  }

  @Override
  public CompletionStage<Integer> reset(List<String> keys) {
    return count(Scripts.STANDARD.reset(), keys, List.of());
  }

  @Override
  public CompletionStage<Integer> observe(List<String> keys, Observation said) {
    ObserveArguments call =
        new ObserveArguments(
            said.remaining(), said.resetMicros(), said.blockedMicros(), said.limit());
    return count(
        Scripts.STANDARD.observe(),
        keys.stream().map(RecordKeys::learned).toList(),
        call.arguments());
  }

  /** How many of the keys a script did something to. */
  private CompletionStage<Integer> count(
      Scripts.Script script, List<String> keys, List<String> arguments) {
    return inEachPlace(
        keys,
        key -> key,
        its -> topology.call(script, its, arguments).thenApply(reply -> (int) reply.nextNumber()));
  }

  @Override
  public CompletionStage<Prefetched> prefetch(String key, Limit limit, long most) {
    try {
      return topology.node(key).prefetch(key, limit, most);
    } catch (StoreException nobody) {
      return CompletableFuture.failedStage(nobody);
    }
  }

  @Override
  public CompletionStage<Integer> returnUnused(List<Unused> unused) {
    return inEachPlace(
        unused, Unused::key, its -> topology.node(its.get(0).key()).returnUnused(its));
  }

  @Override
  public @Nullable Place place(String key) {
    try {
      RedisNode node = topology.node(key);
      return node.answers() ? new Place(node, topology.place(key)) : null;
    } catch (StoreException nobody) {
      return null;
    }
  }

  @Override
  public CompletionStage<List<Paid>> settle(List<Debt> debts) {
    try {
      return topology.node(debts.get(0).key()).settle(debts);
    } catch (StoreException nobody) {
      return CompletableFuture.completedStage(
          Collections.nCopies(debts.size(), new Paid(Fate.REFUSED)));
    }
  }

  @Override
  public boolean hasOneRecord(List<String> counters) {
    return counters.stream().mapToInt(topology::place).distinct().count() == 1;
  }

  @Override
  public CompletionStage<List<Claim.Fate>> claim(List<Claim> claims) {
    try {
      return topology.node(claims.get(0).question().key()).claim(claims);
    } catch (StoreException nobody) {
      return CompletableFuture.completedStage(
          Collections.nCopies(claims.size(), Claim.Fate.UNKNOWN));
    }
  }

  /** Asks for what lies together, place by place, and sums up what is said. */
  private <T> CompletionStage<Integer> inEachPlace(
      List<T> all, Function<T, String> key, Function<List<T>, CompletionStage<Integer>> ask) {
    Map<Integer, List<T>> byPlace = new HashMap<>();
    for (T one : all) {
      byPlace.computeIfAbsent(topology.place(key.apply(one)), place -> new ArrayList<>()).add(one);
    }
    CompletionStage<Integer> sum = CompletableFuture.completedStage(0);
    for (List<T> its : byPlace.values()) {
      CompletionStage<Integer> part;
      try {
        part = ask.apply(its);
      } catch (StoreException nobody) {
        part = CompletableFuture.failedStage(nobody);
      }
      sum = sum.thenCombine(part, Integer::sum);
    }
    return sum;
  }

  @Override
  public void close() {
    topology.close();
  }

  @Override
  public String toString() {
    return topology.toString();
  }
}
