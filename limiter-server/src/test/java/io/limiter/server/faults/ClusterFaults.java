package io.limiter.server.faults;

import io.limiter.server.key.Slots;
import io.limiter.server.process.Ledgers;
import io.limiter.server.store.redis.TestCluster;
import io.limiter.testing.Await;
import java.util.List;
import java.util.function.Supplier;

/** What becomes of a Cluster, at the slot of the counter whose limit is used up. */
final class ClusterFaults {
  private static final int MOVES = 4;

  private final TestCluster cluster;
  private final Supplier<Turn> turn;

  ClusterFaults(TestCluster cluster, Supplier<Turn> turn) {
    this.cluster = cluster;
    this.turn = turn;
  }

  List<Fault> all() {
    return List.of(
        Fault.of("Cluster: slots move under load", this::move, () -> {}),
        Fault.of("Cluster: a primary is added and takes slots", this::add, () -> {}),
        Fault.of("Cluster: a primary dies, its replica takes over", this::kill, this::awaitHolder)
            .losing());
  }

  /** The slot of the limit's counter in this turn. */
  private int slot() {
    String pattern = "limiter:{faults|*}:limit:*:" + turn.get().name;
    return primaries().stream()
        .flatMap(uri -> Ledgers.counts(uri, pattern).keySet().stream())
        .mapToInt(Slots::of)
        .findFirst()
        .orElseThrow();
  }

  private TestCluster.Member other(TestCluster.Member than) {
    return cluster.members().stream()
        .filter(one -> isPrimary(one) && !one.equals(than))
        .findFirst()
        .orElseThrow();
  }

  private void move() {
    int slot = slot();
    for (int i = 0; i < MOVES; i++) {
      TestCluster.Member from = cluster.holder(slot);
      cluster.move(slot, from, other(from));
    }
  }

  private void add() {
    int slot = slot();
    TestCluster.Member added = cluster.add();
    cluster.move(slot, cluster.holder(slot), added);
    cluster.move(slot, added, other(added));
  }

  private int dead = -1;

  private void kill() {
    dead = slot();
    cluster.holder(dead).process().destroyForcibly();
  }

  private void awaitHolder() {
    Await.until(() -> cluster.holder(dead).process().isAlive());
  }

  private static boolean isPrimary(TestCluster.Member one) {
    return one.process().isAlive() && one.redis().role().get(0).equals("master");
  }

  /** All that hold slots. */
  List<String> primaries() {
    return cluster.members().stream()
        .filter(ClusterFaults::isPrimary)
        .map(one -> "redis://127.0.0.1:" + one.port())
        .toList();
  }
}
