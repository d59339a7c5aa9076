package io.limiter.server.store.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.common.base.Splitter;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.SlidingLog;
import io.limiter.algorithm.TokenBucket;
import io.limiter.server.key.Receipt;
import io.limiter.server.key.Slots;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What happens to questions while a Redis Cluster changes, and over several of its slots. */
class ClusterFaultsIT {
  private static final Limit PLENTY = FixedWindow.per(366 * 86_400_000_000L, 1L << 40);

  private @Nullable TestCluster started;
  private @Nullable RedisCounterStore connected;

  @BeforeEach
  void needsARedis() {
    assumeTrue(TestCluster.isPossible(), "needs a redis-server on the PATH");
  }

  private void start(int primaries, boolean replicas) {
    start(primaries, replicas, Optional.empty());
  }

  private void start(int primaries, boolean replicas, Optional<Duration> deadline) {
    started = TestCluster.of(primaries, replicas);
    String uri = started.uri();
    connected =
        RedisCounterStore.connect(
            deadline.map(one -> RedisSettings.of(uri, one)).orElseGet(() -> Patient.settings(uri)),
            StoreListener.NONE);
    StoreOnRedis.await(connected::connected);
  }

  private TestCluster cluster() {
    return Objects.requireNonNull(started);
  }

  private RedisCounterStore store() {
    return Objects.requireNonNull(connected);
  }

  @AfterEach
  void close() {
    if (connected != null) {
      connected.close();
    }
    if (started != null) {
      started.close();
    }
  }

  /** A counter whose tag is the number, so that others lie in other slots. */
  private static String key(int tag, String name) {
    return "limiter:{" + tag + "}:" + name;
  }

  private static Charge whole(
      boolean receipt, @Nullable String idempotencyKey, Charge.Entry... entries) {
    return new Charge.Whole(
        List.of(entries),
        receipt,
        idempotencyKey == null
            ? null
            : new Charge.Idempotency(key(1, "") + "!idempotency:" + idempotencyKey, "fingerprint"));
  }

  private Answer.Decided ask(Charge charge) {
    return assertInstanceOf(Answer.Decided.class, StoreOnRedis.join(store().decide(charge)));
  }

  private long used(String key, Limit limit) {
    long remaining =
        ask(new Charge.Whole(List.of(new Charge.Entry(key, limit, 0))))
            .outcomes()
            .get(0)
            .remaining();
    return limit.limit() - remaining;
  }

  /** More ask than fit; three limits of different sizes lie with three primaries. */
  @Test
  void groupsOverSlots_neverExceedALimit_andADenialLeavesNoChargeBehind() {
    start(3, false);
    Limit window = FixedWindow.per(366 * 86_400_000_000L, 500);
    Limit bucket = TokenBucket.of(1, 60 * 86_400_000_000L, 700);
    Limit log = new SlidingLog(600, 366 * 86_400_000_000L);
    String[] keys = {key(1, "w"), key(2, "b"), key(3, "l")};
    assertEquals(3, List.of(keys).stream().map(Slots::of).distinct().count());
    AtomicInteger admitted = new AtomicInteger();
    ExecutorService callers = Executors.newFixedThreadPool(8);
    List<CompletableFuture<?>> all = new ArrayList<>();
    for (int i = 0; i < 1_500; i++) {
      boolean two = i % 3 == 0;
      all.add(
          CompletableFuture.runAsync(
              () -> {
                Charge.Entry first = new Charge.Entry(keys[0], window, 1);
                Charge.Entry second = new Charge.Entry(keys[1], bucket, 1);
                Charge.Entry third = new Charge.Entry(keys[2], log, 1);
                Charge asked =
                    two
                        ? whole(false, null, third, first)
                        : whole(false, null, first, second, third);
                admitted.addAndGet(ask(asked).admitted() ? 1 : 0);
              },
              callers));
    }
    all.forEach(CompletableFuture::join);
    callers.shutdown();
    // A charge that goes back soon may deny others meanwhile; once no question is under way, one
    // after the other fills the limit exactly.
    while (ask(whole(
            false, null, new Charge.Entry(keys[2], log, 1), new Charge.Entry(keys[0], window, 1)))
        .admitted()) {
      admitted.incrementAndGet();
    }
    assertEquals(500, admitted.get());
    assertEquals(500, used(keys[0], window));
    assertEquals(500, used(keys[2], log));
    assertTrue(used(keys[1], bucket) <= 500);
  }

  @Test
  void aReceiptOverSlots_givesBackInEach_once_andARepetitionIsAnsweredAlike() {
    start(3, false);
    Charge.Entry one = new Charge.Entry(key(1, "a"), PLENTY, 3);
    Charge.Entry two = new Charge.Entry(key(2, "b"), PLENTY, 4);
    Answer.Decided first = ask(whole(true, "once", one, two));
    Answer.Decided again = ask(whole(true, "once", one, two));
    assertTrue(first.admitted() && again.admitted() && again.replayed() && !first.replayed());
    Receipt receipt = first.receipt();
    assertNotNull(receipt);
    assertEquals(receipt, again.receipt());
    assertEquals(3, used(key(1, "a"), PLENTY));
    assertEquals(4, used(key(2, "b"), PLENTY));
    assertTrue(StoreOnRedis.join(store().refund(Receipt.of(receipt.toBytes()))));
    assertEquals(false, StoreOnRedis.join(store().refund(receipt)));
    assertEquals(0, used(key(1, "a"), PLENTY));
    assertEquals(0, used(key(2, "b"), PLENTY));
  }

  /** What a denial gave back, a repetition under its key is charged for. */
  @Test
  void anAdmissionThatWentBack_isNotRepeatedFromItsRecord() {
    start(3, false);
    Limit none = FixedWindow.per(366 * 86_400_000_000L, 1);
    // In the order of slots the first charges, the last denies.
    List<String> keys = new ArrayList<>(List.of(key(1, "a"), key(2, "b")));
    keys.sort(Comparator.comparing(Slots::of));
    Charge.Entry one = new Charge.Entry(keys.get(0), PLENTY, 5);
    Charge.Entry two = new Charge.Entry(keys.get(1), none, 1);
    ask(new Charge.Whole(List.of(two)));
    assertEquals(false, ask(whole(true, "k", one, two)).admitted());
    assertEquals(0, used(keys.get(0), PLENTY));
    StoreOnRedis.join(store().reset(List.of(keys.get(1))));
    Answer.Decided now = ask(whole(true, "k", one, two));
    assertTrue(now.admitted() && !now.replayed());
    assertEquals(5, used(keys.get(0), PLENTY));
  }

  @Test
  void slotsThatMoveUnderLoad_failNoQuestion_andLoseNoCharge() throws Exception {
    start(3, false);
    int slot = Slots.of(key(7, ""));
    AtomicBoolean over = new AtomicBoolean();
    AtomicInteger asked = new AtomicInteger();
    ExecutorService callers = Executors.newFixedThreadPool(4);
    List<CompletableFuture<?>> all = new ArrayList<>();
    for (int caller = 0; caller < 4; caller++) {
      int mine = caller;
      all.add(
          CompletableFuture.runAsync(
              () -> {
                for (int i = 0; !over.get(); i++) {
                  // Old keys, new keys, and two keys of the slot in one question.
                  Charge.Entry old = new Charge.Entry(key(7, "k" + mine), PLENTY, 1);
                  Charge.Entry fresh = new Charge.Entry(key(7, mine + "-" + i), PLENTY, 1);
                  ask(i % 3 == 0 ? whole(false, null, old, fresh) : whole(false, null, old));
                  asked.incrementAndGet();
                }
              },
              callers));
    }
    TestCluster.Member added = cluster().add();
    // A primary that loses its last slot becomes a replica of whoever got it.
    cluster().move(Slots.of(key(8, "")), cluster().holder(Slots.of(key(8, ""))), added);
    for (int i = 0; i < 4; i++) {
      int before = asked.get();
      TestCluster.Member from = cluster().holder(slot);
      TestCluster.Member to = from.equals(added) ? cluster().members().get(i % 3) : added;
      assertNotEquals(from, to);
      cluster().move(slot, from, to);
      StoreOnRedis.await(
          () ->
              asked.get() > before + 100
                  || all.stream().anyMatch(CompletableFuture::isCompletedExceptionally));
    }
    over.set(true);
    all.forEach(CompletableFuture::join);
    callers.shutdown();
    long charged = 0;
    for (int caller = 0; caller < 4; caller++) {
      charged += used(key(7, "k" + caller), PLENTY);
    }
    assertEquals(asked.get(), charged);
  }

  @Test
  void aPrimaryThatDies_isFollowedByItsReplica_andTheOthersAnswerMeanwhile() {
    start(3, true, Optional.of(Duration.ofMillis(500)));
    String key = key(5, "k");
    TestCluster.Member holder = cluster().holder(Slots.of(key));
    int other = 0;
    while (cluster().holder(Slots.of(key(other, ""))).equals(holder)) {
      other++;
    }
    String elsewhere = key(other, "k");
    StoreOnRedis.await(() -> failure(key) == null && failure(elsewhere) == null);
    holder.process().destroyForcibly();
    long died = System.nanoTime();
    List<StoreException> met = new ArrayList<>();
    StoreOnRedis.await(
        () -> {
          StoreException one = failure(key);
          if (one != null) {
            met.add(one);
          }
          return one != null;
        });
    StoreException.Kind kind = met.get(0).kind();
    assertTrue(
        kind == StoreException.Kind.UNAVAILABLE || kind == StoreException.Kind.TIMEOUT,
        met::toString);
    AtomicInteger answered = new AtomicInteger();
    StoreOnRedis.await(
        () -> {
          answered.addAndGet(failure(elsewhere) == null ? 1 : 0);
          return failure(key) == null;
        });
    System.out.printf(
        "cluster: a primary died, its replica decides after %d ms; %d answers by another meanwhile%n",
        (System.nanoTime() - died) / 1_000_000, answered.get());
    assertTrue(answered.get() > 0);
    StoreOnRedis.await(store()::connected);
  }

  private @Nullable StoreException failure(String key) {
    try {
      store()
          .decide(new Charge.Whole(List.of(new Charge.Entry(key, PLENTY, 1))))
          .toCompletableFuture()
          .join();
      return null;
    } catch (CompletionException failed) {
      return assertInstanceOf(StoreException.class, failed.getCause());
    }
  }

  /** As the manual lists its rights, with those that it adds for a Cluster. */
  @Test
  void theUserOfTheManual_mayDoAllThatIsNeeded_alsoWhileASlotMoves() throws IOException {
    start(3, false);
    String manual = Files.readString(Path.of("../docs/operation.md"));
    String rights = line(manual, "ACL SETUSER limiter on >PASSWORD ");
    String added = "+cluster|slots +asking";
    assertTrue(manual.contains("In a Cluster, add `" + added + "`"));
    for (TestCluster.Member one : cluster().members()) {
      CommandArgs<String, String> set =
          new CommandArgs<>(StringCodec.UTF8).add("SETUSER").add("limiter").add("on").add(">pw");
      for (String right : Splitter.on(' ').split(rights + " " + added)) {
        set.add(right);
      }
      one.redis().dispatch(CommandType.ACL, new StatusOutput<>(StringCodec.UTF8), set);
    }
    String uri = cluster().uri().replace("://", "://limiter:pw@");
    try (RedisCounterStore user =
        RedisCounterStore.connect(Patient.settings(uri), StoreListener.NONE)) {
      StoreOnRedis.await(user::connected);
      TestCluster.Member from = cluster().holder(Slots.of(key(7, "")));
      TestCluster.Member to =
          cluster().members().stream().filter(one -> !one.equals(from)).findFirst().orElseThrow();
      to.redis().clusterSetSlotImporting(Slots.of(key(7, "")), from.id());
      from.redis().clusterSetSlotMigrating(Slots.of(key(7, "")), to.id());
      Charge.Entry moving = new Charge.Entry(key(7, "fresh"), PLENTY, 1);
      Charge.Entry other = new Charge.Entry(key(1, "a"), PLENTY, 1);
      assertInstanceOf(
          Answer.Decided.class, StoreOnRedis.join(user.decide(whole(false, null, moving))));
      Answer.Decided both =
          assertInstanceOf(
              Answer.Decided.class, StoreOnRedis.join(user.decide(whole(true, null, other))));
      assertTrue(StoreOnRedis.join(user.refund(Objects.requireNonNull(both.receipt()))));
      assertTrue(!user.state().contains("refused"), user::state);
    }
  }

  private static String line(String text, String start) {
    int from = text.indexOf(start) + start.length();
    return text.substring(from, text.indexOf('\n', from));
  }

  @Test
  void scriptsThatAreFlushed_andAClusterThatIsReplacedByNone_areToldApart() {
    start(3, false, Optional.of(Duration.ofSeconds(5)));
    cluster().members().forEach(one -> one.redis().scriptFlush());
    for (int i = 0; i < 50; i++) {
      assertTrue(
          ask(new Charge.Whole(List.of(new Charge.Entry(key(i, "k"), PLENTY, 1)))).admitted());
    }
    cluster().members().forEach(one -> one.process().destroyForcibly());
    StoreOnRedis.await(() -> !store().connected());
    StoreOnRedis.await(
        () -> {
          StoreException met = failure(key(1, "k"));
          return met != null && met.kind() == StoreException.Kind.UNAVAILABLE;
        });
    assertTrue(store().state().contains("is not connected"), store()::state);
  }
}
