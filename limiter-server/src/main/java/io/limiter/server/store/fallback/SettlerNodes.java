package io.limiter.server.store.fallback;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/** Which node may be sent something: one that has answered all before. Safe to share. */
final class SettlerNodes {
  /** A Redis that refuses is left alone for so long. */
  private static final Duration REFUSED = Duration.ofSeconds(1);

  private final Map<Object, Node> nodes = new ConcurrentHashMap<>();

  /**
   * One Redis.
   *
   * @param sent what it has not answered
   * @param notBeforeNanos when it may be sent something again
   */
  private record Node(CompletableFuture<?> sent, long notBeforeNanos) {}

  boolean mayBeSent(Object at, long nowNanos) {
    Node node = nodes.get(at);
    return node == null || (node.sent.isDone() && nowNanos - node.notBeforeNanos >= 0);
  }

  /** It was sent something, beside what else it was sent. */
  void sent(Object at, CompletionStage<?> answered, long nowNanos) {
    var unused =
        nodes.compute(
            at,
            (same, before) ->
                before == null
                    ? new Node(answered.toCompletableFuture(), nowNanos)
                    : new Node(
                        CompletableFuture.allOf(before.sent, answered.toCompletableFuture()),
                        before.notBeforeNanos));
  }

  /** It refused, and is left alone for a while. */
  void refused(Object at, long nowNanos) {
    var unused =
        nodes.compute(
            at,
            (same, before) ->
                new Node(
                    before == null ? CompletableFuture.completedFuture(null) : before.sent,
                    nowNanos + REFUSED.toNanos()));
  }

  /** Keeps nothing of those that may be sent something. */
  void forgetIdle(long nowNanos) {
    nodes.values().removeIf(node -> node.sent.isDone() && nowNanos - node.notBeforeNanos >= 0);
  }

  /** What was sent and is not answered. */
  List<CompletableFuture<?>> waiting() {
    return nodes.values().stream()
        .<CompletableFuture<?>>map(Node::sent)
        .filter(sent -> !sent.isDone())
        .toList();
  }
}
