package io.limiter.server.store.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.base.Splitter;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.limiter.server.key.Slots;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What happens to questions while a Redis Cluster changes. */
class ClusterFaultsIT extends OnCluster {
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
