package io.limiter.server.store.fallback;

import io.limiter.server.store.DebtTarget;
import io.limiter.server.store.DebtTarget.Place;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends what waits for a node, so many of a node at a time, and nothing more to it until it has
 * answered all of that. A node that refuses is left alone for a while, and the others are not kept
 * by it. To be run by one thread at a time.
 *
 * @param <W> what waits
 * @param <S> what is sent of it
 * @param <A> what is answered
 */
abstract class Sender<W, S, A> {
  /** Of so many is looked at the node, whether anything may be sent to it or not. */
  private static final int LOOKS = 256;

  private final DebtTarget target;
  private final LongSupplier nanoTime;
  private final int atOnce;
  private final SettlerNodes nodes = new SettlerNodes();

  /**
   * One that has sent nothing yet.
   *
   * @param atOnce the most that a node is sent at a time
   */
  Sender(DebtTarget target, LongSupplier nanoTime, int atOnce) {
    this.target = target;
    this.nanoTime = nanoTime;
    this.atOnce = atOnce;
  }

  /** How many wait, or more: each is looked at once at most. */
  abstract int size();

  /** Whose turn it is; null if nothing waits. */
  abstract @Nullable W next(long nowNanos);

  /** In whose place it lies. */
  abstract String key(W waiting);

  /** It is not sent now: its turn comes again. */
  abstract void later(W waiting);

  /** It is about to be sent; null if there is nothing of it to send. */
  abstract @Nullable S take(W waiting, long nowNanos);

  /** Sends them, in their order. */
  abstract CompletionStage<List<A>> send(List<S> all);

  /**
   * Something became of what was sent.
   *
   * @return whether the node refused it, and is to be left alone
   */
  abstract boolean landed(S sent, A answer);

  /** Sends what may be sent now. */
  final void run() {
    long now = nanoTime.getAsLong();
    Map<Place, List<S>> calls = new HashMap<>();
    Map<Object, Integer> taken = new HashMap<>();
    for (int looks = Math.min(LOOKS, size()); looks > 0; looks--) {
      W waiting = next(now);
      if (waiting == null) {
        break;
      }
      Place place = target.place(key(waiting));
      if (place == null
          || taken.getOrDefault(place.node(), 0) == atOnce
          || !nodes.mayBeSent(place.node(), now)) {
        later(waiting);
        continue;
      }
      S sent = take(waiting, now);
      if (sent != null) {
        taken.merge(place.node(), 1, Integer::sum);
        calls.computeIfAbsent(place, one -> new ArrayList<>()).add(sent);
      }
    }
    calls.forEach(this::send);
    nodes.forgetIdle(now);
  }

  private void send(Place place, List<S> all) {
    CompletionStage<Void> answered =
        send(all)
            .thenAccept(
                answers -> {
                  for (int i = 0; i < all.size(); i++) {
                    if (landed(all.get(i), answers.get(i))) {
                      nodes.refused(place.node(), nanoTime.getAsLong());
                    }
                  }
                });
    nodes.sent(place.node(), answered, nanoTime.getAsLong());
  }

  /** What was sent and is not answered. */
  final List<CompletableFuture<?>> waiting() {
    return nodes.waiting();
  }
}
