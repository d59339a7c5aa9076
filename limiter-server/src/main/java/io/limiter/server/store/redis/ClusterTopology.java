package io.limiter.server.store.redis;

import io.limiter.script.Reply;
import io.limiter.script.Scripts;
import io.limiter.server.fault.Cause;
import io.limiter.server.key.Slots;
import io.limiter.server.store.StoreException;
import io.limiter.server.store.StoreException.Kind;
import io.limiter.server.store.endpoint.HostPort;
import io.limiter.server.store.endpoint.RedisPlace;
import io.limiter.server.store.redis.cluster.Redirect;
import io.limiter.server.store.redis.cluster.SlotMap;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Redis Cluster: a node for each primary. All that are connected are asked who holds which slot,
 * every five seconds, and five times a second while something is missing; most of them have to say
 * so. A primary that says that a slot has moved is believed at once.
 *
 * <p>A primary that redirects a call has run nothing of it. So its questions are asked again
 * elsewhere, while somebody waits for them. Safe to call from any thread; nothing here blocks.
 */
final class ClusterTopology implements Topology {
  private static final Logger log = LoggerFactory.getLogger(ClusterTopology.class);
  private static final Duration CALM = Duration.ofSeconds(5);
  private static final Duration ALARM = Duration.ofMillis(200);

  /** A slot on its way is there in a moment, or not while anybody waits. */
  private static final Duration TRY_AGAIN = Duration.ofMillis(5);

  /** So many redirections are followed at once; the next ones with pauses. */
  private static final int QUICK_REDIRECTS = 4;

  /** Of a call that nobody's deadline bounds. */
  private static final int MOST_REDIRECTS = 100;

  private final RedisPlace.Cluster place;
  private final RedisSettings settings;
  private final StoreListener listener;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "limiter-cluster");
            thread.setDaemon(true);
            return thread;
          });

  /** Whether members are being asked for the slots. */
  private final AtomicBoolean asking = new AtomicBoolean();

  private volatile View view = new View(Map.of(), new @Nullable HostPort[Slots.COUNT]);
  private volatile boolean closed;
  private long nextRoundNanos = System.nanoTime();

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

    @Nullable RedisNode holder(int slot) {
      HostPort at = holders[slot];
      return at == null ? null : nodes.get(at);
    }

    int missing() {
      int missing = 0;
      for (HostPort holder : holders) {
        missing += holder == null ? 1 : 0;
      }
      return missing;
    }
  }

  private ClusterTopology(
      RedisPlace.Cluster place, RedisSettings settings, StoreListener listener) {
    this.place = place;
    this.settings = settings;
    this.listener = listener;
  }

  /** Starts to connect, and returns at once, also when nobody is there. */
  static ClusterTopology of(
      RedisPlace.Cluster place, RedisSettings settings, StoreListener listener) {
    ClusterTopology cluster = new ClusterTopology(place, settings, listener);
    cluster.timer.execute(cluster::connectSeeds);
    var unused =
        cluster.timer.scheduleWithFixedDelay(
            cluster::look, 10, ALARM.toMillis() / 4, TimeUnit.MILLISECONDS);
    return cluster;
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
        node -> new Redirects(at, node));
  }

  /** Asks for the slots if it is time to. */
  private void look() {
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

  private void lookSoon() {
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
      log.info("The primaries of {} are {}", address(), text(nodes));
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
  private synchronized RedisNode moved(Redirect redirect, HostPort asked) {
    HostPort at = at(redirect, asked);
    RedisNode node = node(at);
    @Nullable HostPort[] holders = view.holders.clone();
    holders[redirect.slot()] = at;
    view = new View(view.nodes, holders);
    lookSoon();
    return node;
  }

  private synchronized RedisNode node(HostPort at) {
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

  private static HostPort at(Redirect redirect, HostPort asked) {
    HostPort at = redirect.at();
    return at.host().isEmpty() ? new HostPort(asked.host(), at.port()) : at;
  }

  /** What a member did not run goes where it says. */
  private final class Redirects implements Batcher.Redirects {
    private final HostPort at;
    private final RedisNode node;

    Redirects(HostPort at, RedisNode node) {
      this.at = at;
      this.node = node;
    }

    @Override
    public List<Batch> parts(Batch batch) {
      return batch.bySlot();
    }

    @Override
    public boolean take(Batch batch, StoreException failure) {
      Redirect redirect = redirect(failure);
      if (redirect == null) {
        lookSoon();
        return false;
      }
      List<PendingQuestion> questions = batch.all();
      if (redirect.kind() == Redirect.Kind.MOVED) {
        RedisNode holder = moved(redirect, at);
        questions.forEach(question -> again(question, holder::decideRedirected));
      } else if (questions.size() > 1) {
        for (PendingQuestion question : questions) {
          question.sendAlone();
          again(question, node::decideRedirected);
        }
      } else if (redirect.kind() == Redirect.Kind.ASK) {
        again(questions.get(0), node(at(redirect, at))::decideAsking);
      } else {
        later(() -> again(questions.get(0), node::decideRedirected));
      }
      return true;
    }
  }

  /** As long as somebody waits. */
  private void again(PendingQuestion question, Consumer<PendingQuestion> ask) {
    if (question.redirected() > QUICK_REDIRECTS) {
      later(() -> askIfAwaited(question, ask));
    } else {
      askIfAwaited(question, ask);
    }
  }

  private static void askIfAwaited(PendingQuestion question, Consumer<PendingQuestion> ask) {
    if (!question.isDone() && question.deadlineNanos() - System.nanoTime() > 0) {
      ask.accept(question);
    }
  }

  private void later(Runnable task) {
    try {
      var unused = timer.schedule(task, TRY_AGAIN.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException closing) {
      // The questions fail at their deadlines, or when their nodes are closed.
    }
  }

  private static @Nullable Redirect redirect(Throwable failure) {
    return failure instanceof StoreException known
            && known.kind() == Kind.REFUSED
            && known.getCause() != null
        ? Redirect.of(String.valueOf(known.getCause().getMessage())).orElse(null)
        : null;
  }

  @Override
  public RedisNode node(String key) {
    int slot = Slots.of(key);
    RedisNode node = view.holder(slot);
    if (node == null) {
      throw nobody(slot);
    }
    return node;
  }

  private StoreException nobody(int slot) {
    return new StoreException(
        Kind.UNAVAILABLE,
        view.nodes.values().stream().noneMatch(RedisNode::connected)
            ? address() + " is not connected: none of its members can be reached"
            : address()
                + " has no primary for slot %d; see CLUSTER INFO and CLUSTER SLOTS".formatted(slot),
        null);
  }

  @Override
  public int place(String key) {
    return Slots.of(key);
  }

  @Override
  public CompletionStage<Reply> call(
      Scripts.Script script, List<String> keys, List<String> arguments) {
    return new Call(script, keys, arguments).send();
  }

  /** A call that decides no question. It follows redirections. */
  private final class Call {
    private final Scripts.Script script;
    private final List<String> keys;
    private final List<String> arguments;
    private int redirects;

    Call(Scripts.Script script, List<String> keys, List<String> arguments) {
      this.script = script;
      this.keys = keys;
      this.arguments = arguments;
    }

    CompletionStage<Reply> send() {
      HostPort at = view.holders[Slots.of(keys.get(0))];
      if (at == null) {
        return CompletableFuture.failedStage(nobody(Slots.of(keys.get(0))));
      }
      return node(at)
          .call(script, keys, arguments)
          .exceptionallyCompose(failure -> follow(Cause.of(failure), at));
    }

    private CompletionStage<Reply> follow(Throwable failure, HostPort asked) {
      Redirect redirect = redirect(failure);
      if (redirect == null || ++redirects > MOST_REDIRECTS) {
        return CompletableFuture.failedStage(failure);
      }
      if (redirect.kind() != Redirect.Kind.TRY_AGAIN && redirects <= QUICK_REDIRECTS) {
        return followAtOnce(redirect, asked);
      }
      CompletableFuture<Void> pause = new CompletableFuture<>();
      later(() -> pause.complete(null));
      return pause.thenCompose(over -> followAtOnce(redirect, asked));
    }

    private CompletionStage<Reply> followAtOnce(Redirect redirect, HostPort asked) {
      if (redirect.kind() == Redirect.Kind.ASK) {
        HostPort there = at(redirect, asked);
        return node(there)
            .callAsking(script, keys, arguments)
            .exceptionallyCompose(failure -> follow(Cause.of(failure), there));
      }
      if (redirect.kind() == Redirect.Kind.MOVED) {
        moved(redirect, asked);
      }
      return send();
    }
  }

  @Override
  public List<RedisNode> nodes() {
    return List.copyOf(view.nodes.values());
  }

  @Override
  public boolean connected() {
    View now = view;
    return now.missing() == 0 && now.nodes.values().stream().allMatch(RedisNode::connected);
  }

  @Override
  public String state() {
    View now = view;
    int missing = now.missing();
    List<String> sentences = new ArrayList<>();
    now.nodes.entrySet().stream()
        .sorted(Map.Entry.comparingByKey(Comparator.comparing(HostPort::toString)))
        .forEach(node -> sentences.add(node.getValue().state()));
    if (missing > 0) {
      sentences.add(0, "%s has no primary for %d of its slots".formatted(address(), missing));
    }
    return String.join("; ", sentences);
  }

  @Override
  public String address() {
    return settings.address();
  }

  @Override
  public void close() {
    closed = true;
    timer.shutdownNow();
    synchronized (this) {
      view.nodes.values().forEach(RedisNode::close);
    }
  }

  @Override
  public String toString() {
    return address() + (connected() ? "" : " (not connected)");
  }
}
