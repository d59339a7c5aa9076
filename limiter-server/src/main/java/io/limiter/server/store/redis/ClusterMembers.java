package io.limiter.server.store.redis;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import io.limiter.server.key.Slots;
import io.limiter.server.store.endpoint.HostPort;
import io.limiter.server.store.endpoint.RedisPlace;
import io.limiter.server.store.redis.cluster.Redirect;
import io.limiter.server.store.redis.cluster.SlotMap;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The primaries of a Redis Cluster, a node for each. All that are connected are asked who holds
 * which slot, every five seconds, and twenty times a second while something is missing. What most
 * of those that answer say counts. One that says that a slot has moved is believed at once. Safe to
 * call from any thread; nothing here blocks.
 */
final class ClusterMembers {
  private static final Logger log = LoggerFactory.getLogger(ClusterMembers.class);
  private static final Duration CALM = Duration.ofSeconds(5);
  private static final Duration ALARM = Duration.ofMillis(50);

  private final RedisPlace.Cluster place;
  private final RedisSettings settings;
  private final StoreListener listener;
  private final BiFunction<HostPort, RedisNode, Batcher.Redirects> redirects;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          new ThreadFactoryBuilder().setNameFormat("limiter-cluster").setDaemon(true).build());

  /** Whether members are being asked for the slots. */
  private final AtomicBoolean asking = new AtomicBoolean();

  private volatile View view = new View(Map.of(), new @Nullable HostPort[Slots.COUNT]);
  private volatile boolean closed;
  private volatile long nextRoundNanos = System.nanoTime();

  /** Who holds what. Immutable. */
  private static final class View {
    /** Every primary that is known, and before any is, those that were named. */
    final Map<HostPort, RedisNode> nodes;

    /** Of each slot; null if nobody holds it. */
    final @Nullable HostPort[] holders;

    View(Map<HostPort, RedisNode> nodes, @Nullable HostPort[] holders) {
      this.nodes = Map.copyOf(nodes);
      this.holders = holders;
    }

    int missing() {
      int missing = 0;
      for (HostPort holder : holders) {
        missing += holder == null ? 1 : 0;
      }
      return missing;
    }
  }

  /**
   * Nobody yet.
   *
   * @param redirects what a member's node is told to do with what it does not hold
   */
  ClusterMembers(
      RedisPlace.Cluster place,
      RedisSettings settings,
      StoreListener listener,
      BiFunction<HostPort, RedisNode, Batcher.Redirects> redirects) {
    this.place = place;
    this.settings = settings;
    this.listener = listener;
    this.redirects = redirects;
  }

  /** Starts to connect, and returns at once, also when nobody is there. */
  void start() {
    timer.execute(this::connectSeeds);
    var unused =
        timer.scheduleWithFixedDelay(this::look, 10, ALARM.toMillis(), TimeUnit.MILLISECONDS);
  }

  private synchronized void connectSeeds() {
    Map<HostPort, RedisNode> nodes = new HashMap<>(view.nodes);
    place.seeds().forEach(seed -> nodes.computeIfAbsent(seed, this::connect));
    view = new View(nodes, view.holders);
  }

  private RedisNode connect(HostPort at) {
    return new RedisNode(
        settings.at(settings.endpoint().at(new RedisPlace.Member(at))),
        listener,
        node -> redirects.apply(at, node));
  }

  private void look() {
    try {
      lookIfDue();
    } catch (RuntimeException e) {
      // It would be the last look.
      log.error("The watch over the members of {} failed", settings.address(), e);
    }
  }

  /** Asks for the slots if it is time to. */
  private void lookIfDue() {
    long now = System.nanoTime();
    boolean calm = connected();
    if (closed || (calm && now - nextRoundNanos < 0)) {
      return;
    }
    Map<HostPort, RedisNode> connected = new HashMap<>(view.nodes);
    connected.values().removeIf(node -> !node.connected());
    if (connected.isEmpty()) {
      connectSeeds();
    } else if (asking.compareAndSet(false, true)) {
      nextRoundNanos = now + CALM.toNanos();
      ask(connected);
    }
  }

  /** Asks for the slots soon: something is not as it was. */
  void lookSoon() {
    nextRoundNanos = System.nanoTime();
  }

  private void ask(Map<HostPort, RedisNode> members) {
    Map<SlotMap, Integer> votes = new HashMap<>();
    CompletionStage<Void> all = CompletableFuture.completedStage(null);
    for (Map.Entry<HostPort, RedisNode> member : members.entrySet()) {
      HostPort at = member.getKey();
      CompletionStage<Void> said =
          member
              .getValue()
              .slots()
              .thenAccept(
                  reply -> {
                    SlotMap map = SlotMap.of(reply, at);
                    synchronized (votes) {
                      votes.merge(map, 1, Integer::sum);
                    }
                  })
              .exceptionally(failed -> null);
      all = all.thenCombine(said, (one, other) -> null);
    }
    var unused =
        all.whenCompleteAsync(
            (none, failed) -> {
              asking.set(false);
              votes.entrySet().stream()
                  .filter(vote -> !vote.getKey().holders().isEmpty())
                  .max(Map.Entry.comparingByValue())
                  .ifPresent(most -> use(most.getKey()));
            },
            timer);
  }

  private synchronized void use(SlotMap map) {
    if (closed) {
      return;
    }
    View before = view;
    Map<HostPort, RedisNode> nodes = new HashMap<>();
    for (HostPort at : map.holders()) {
      RedisNode known = before.nodes.get(at);
      nodes.put(at, known == null ? connect(at) : known);
    }
    @Nullable HostPort[] holders = new HostPort[Slots.COUNT];
    for (int slot = 0; slot < holders.length; slot++) {
      holders[slot] = map.holder(slot);
    }
    view = new View(nodes, holders);
    if (!before.nodes.keySet().equals(nodes.keySet())) {
      log.info("The primaries of {} are {}", settings.address(), text(nodes));
    }
    before.nodes.forEach(
        (at, node) -> {
          if (!nodes.containsKey(at)) {
            closeLater(node);
          }
        });
  }

  private static String text(Map<HostPort, RedisNode> nodes) {
    return nodes.keySet().stream()
        .map(HostPort::toString)
        .sorted()
        .collect(Collectors.joining(", "));
  }

  /** When nobody waits any more for what it was asked. */
  private void closeLater(RedisNode node) {
    long wait = 2 * settings.longestDeadline().toMillis() + settings.silence().toMillis();
    try {
      var unused = timer.schedule(node::close, wait, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException closing) {
      node.close();
    }
  }

  /** Believes a member that says where a slot is. */
  synchronized RedisNode moved(Redirect redirect, HostPort asked) {
    HostPort at = at(redirect, asked);
    RedisNode node = node(at);
    @Nullable HostPort[] holders = view.holders.clone();
    holders[redirect.slot()] = at;
    view = new View(view.nodes, holders);
    lookSoon();
    return node;
  }

  /** The node of a member, which is connected to if it is new. */
  synchronized RedisNode node(HostPort at) {
    RedisNode known = view.nodes.get(at);
    if (known != null) {
      return known;
    }
    Map<HostPort, RedisNode> nodes = new HashMap<>(view.nodes);
    RedisNode made = connect(at);
    nodes.put(at, made);
    view = new View(nodes, view.holders);
    return made;
  }

  /** Where a member that was asked sends a call. */
  static HostPort at(Redirect redirect, HostPort asked) {
    HostPort at = redirect.at();
    return at.host().isEmpty() ? new HostPort(asked.host(), at.port()) : at;
  }

  /** Who holds a slot as far as is known; null if nobody does. */
  @Nullable HostPort holder(int slot) {
    return view.holders[slot];
  }

  /** Every primary that is known, and before any is, those that were named. */
  Map<HostPort, RedisNode> nodes() {
    return view.nodes;
  }

  /** A slot that another than this one holds. */
  OptionalInt slotElsewhere(HostPort at) {
    @Nullable HostPort[] holders = view.holders;
    return IntStream.range(0, holders.length)
        .filter(slot -> holders[slot] != null && !at.equals(holders[slot]))
        .findAny();
  }

  /** How many slots nobody holds. */
  int missing() {
    return view.missing();
  }

  /** Whether every slot can be asked about. */
  boolean connected() {
    View now = view;
    return now.missing() == 0 && now.nodes.values().stream().allMatch(RedisNode::connected);
  }

  /** Runs a task after a pause, unless this is closed before. */
  void later(Runnable task, Duration pause) {
    try {
      var unused = timer.schedule(task, pause.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException closing) {
      // The questions fail at their deadlines, or when their nodes are closed.
    }
  }

  void close() {
    closed = true;
    timer.shutdownNow();
    synchronized (this) {
      view.nodes.values().forEach(RedisNode::close);
    }
  }
}
