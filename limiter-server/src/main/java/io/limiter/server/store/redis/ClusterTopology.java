package io.limiter.server.store.redis;

import io.limiter.script.Reply;
import io.limiter.script.Scripts;
import io.limiter.server.fault.Cause;
import io.limiter.server.key.RecordKeys;
import io.limiter.server.key.Slots;
import io.limiter.server.store.StoreException;
import io.limiter.server.store.StoreException.Kind;
import io.limiter.server.store.endpoint.HostPort;
import io.limiter.server.store.endpoint.RedisPlace;
import io.limiter.server.store.redis.cluster.CrossSlot;
import io.limiter.server.store.redis.cluster.Redirect;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A Redis Cluster: a node for each primary. One that redirects a call has run nothing of it. So its
 * questions are asked again elsewhere, while somebody waits for them. Safe to call from any thread;
 * nothing here blocks.
 */
final class ClusterTopology implements Topology {
  /** A slot on its way is there in a moment, or not while anybody waits. */
  private static final Duration TRY_AGAIN = Duration.ofMillis(5);

  /** So many redirections are followed at once; the next ones with pauses. */
  private static final int QUICK_REDIRECTS = 4;

  /** Of a call that nobody's deadline bounds. */
  private static final int MOST_REDIRECTS = 100;

  private final String address;
  private final ClusterMembers members;

  private ClusterTopology(
      RedisPlace.Cluster place, RedisSettings settings, StoreListener listener) {
    address = settings.address();
    members = new ClusterMembers(place, settings, listener, Redirects::new);
  }

  /** Starts to connect, and returns at once, also when nobody is there. */
  static ClusterTopology of(
      RedisPlace.Cluster place, RedisSettings settings, StoreListener listener) {
    ClusterTopology cluster = new ClusterTopology(place, settings, listener);
    cluster.members.start();
    return cluster;
  }

  /** What a member did not run goes where it says. */
  private final class Redirects implements Batcher.Redirects {
    private final HostPort at;
    private final RedisNode node;
    private final CrossSlot crossSlot;

    Redirects(HostPort at, RedisNode node) {
      this.at = at;
      this.node = node;
      crossSlot =
          new CrossSlot(
              at.toString(),
              () -> members.slotElsewhere(at),
              slot ->
                  node.call(Scripts.STANDARD.foreign(), List.of(), List.of(RecordKeys.inSlot(slot)))
                      .thenApply(Reply::nextText),
              System::nanoTime);
    }

    @Override
    public List<Batch> parts(Batch batch) {
      return batch.parts(batch.size() > 1 && crossSlot.isPossible());
    }

    /** A slot that moves, or that has moved. With its keys declared it is redirected. */
    @Override
    public void crossed(Batch batch, List<BatchEntry> elsewhere) {
      crossSlot.answered(batch.size(), elsewhere.size());
      for (BatchEntry one : elsewhere) {
        for (int i = 0; i < one.times(); i++) {
          one.question(i).declareKeys();
          again(one.question(i), node, RedisNode::decideRedirected);
        }
      }
    }

    @Override
    public boolean take(Batch batch, StoreException failure) {
      Redirect redirect = redirect(failure);
      if (redirect == null) {
        members.lookSoon();
        return false;
      }
      List<PendingQuestion> questions = batch.all();
      if (redirect.kind() == Redirect.Kind.MOVED) {
        RedisNode holder = members.moved(redirect, at);
        questions.forEach(question -> again(question, holder, RedisNode::decideRedirected));
      } else if (questions.size() > 1) {
        for (PendingQuestion question : questions) {
          question.sendAlone();
          again(question, node, RedisNode::decideRedirected);
        }
      } else if (redirect.kind() == Redirect.Kind.ASK) {
        RedisNode there = members.node(ClusterMembers.at(redirect, at));
        again(questions.get(0), there, RedisNode::decideAsking);
      } else {
        members.later(() -> again(questions.get(0), node, RedisNode::decideRedirected), TRY_AGAIN);
      }
      return true;
    }
  }

  /** As long as somebody waits. */
  private void again(
      PendingQuestion question, RedisNode node, BiConsumer<RedisNode, PendingQuestion> ask) {
    if (question.redirected() > QUICK_REDIRECTS) {
      members.later(() -> askWhenConnected(question, node, ask), TRY_AGAIN);
    } else {
      askWhenConnected(question, node, ask);
    }
  }

  /** Another member may have been met only now. */
  private void askWhenConnected(
      PendingQuestion question, RedisNode node, BiConsumer<RedisNode, PendingQuestion> ask) {
    if (question.isDone() || question.deadlineNanos() - System.nanoTime() <= 0) {
      return;
    }
    if (node.connected()) {
      ask.accept(node, question);
    } else {
      members.later(() -> askWhenConnected(question, node, ask), TRY_AGAIN);
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
    HostPort at = members.holder(slot);
    RedisNode node = at == null ? null : members.nodes().get(at);
    if (node == null) {
      throw nobody(slot);
    }
    return node;
  }

  private StoreException nobody(int slot) {
    return new StoreException(
        Kind.UNAVAILABLE,
        members.nodes().values().stream().noneMatch(RedisNode::connected)
            ? address + " is not connected: none of its members can be reached"
            : address
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
      HostPort at = members.holder(Slots.of(keys.get(0)));
      if (at == null) {
        return CompletableFuture.failedStage(nobody(Slots.of(keys.get(0))));
      }
      return members
          .node(at)
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
      return followLater(redirect, asked);
    }

    private CompletionStage<Reply> followLater(Redirect redirect, HostPort asked) {
      CompletableFuture<Void> pause = new CompletableFuture<>();
      members.later(() -> pause.complete(null), TRY_AGAIN);
      return pause.thenCompose(over -> followAtOnce(redirect, asked));
    }

    private CompletionStage<Reply> followAtOnce(Redirect redirect, HostPort asked) {
      if (redirect.kind() == Redirect.Kind.TRY_AGAIN) {
        return send();
      }
      HostPort at = ClusterMembers.at(redirect, asked);
      RedisNode there =
          redirect.kind() == Redirect.Kind.MOVED
              ? members.moved(redirect, asked)
              : members.node(at);
      if (!there.connected() && ++redirects < MOST_REDIRECTS) {
        return followLater(redirect, asked);
      }
      return redirect.kind() == Redirect.Kind.MOVED
          ? send()
          : there
              .callAsking(script, keys, arguments)
              .exceptionallyCompose(failure -> follow(Cause.of(failure), at));
    }
  }

  @Override
  public List<RedisNode> nodes() {
    return List.copyOf(members.nodes().values());
  }

  @Override
  public boolean connected() {
    return members.connected();
  }

  @Override
  public String state() {
    int missing = members.missing();
    List<String> sentences = new ArrayList<>();
    if (missing > 0) {
      sentences.add("%s has no primary for %d of its slots".formatted(address, missing));
    }
    members.nodes().entrySet().stream()
        .sorted(Map.Entry.comparingByKey(Comparator.comparing(HostPort::toString)))
        .forEach(node -> sentences.add(node.getValue().state()));
    return String.join("; ", sentences);
  }

  @Override
  public String address() {
    return address;
  }

  @Override
  public void close() {
    members.close();
  }

  @Override
  public String toString() {
    return address + (connected() ? "" : " (not connected)");
  }
}
