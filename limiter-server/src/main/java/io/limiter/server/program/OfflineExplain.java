package io.limiter.server.program;

import io.limiter.server.api.ExplainWriter;
import io.limiter.server.decide.DecisionListener;
import io.limiter.server.decide.ExplainQuestion;
import io.limiter.server.decide.ExplainResult;
import io.limiter.server.decide.Explainer;
import io.limiter.server.decide.Limiter;
import io.limiter.server.key.ValueHash;
import io.limiter.server.rules.Descriptor;
import io.limiter.server.rules.table.RuleTable;
import io.limiter.server.store.redis.RedisCounterStore;
import io.limiter.server.store.redis.RedisSettings;
import io.limiter.server.store.redis.StoreListener;
import io.limiter.v1.ExplainRequest;
import io.limiter.v1.ExplainResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;

/** Explains rules without a service. */
public final class OfflineExplain {
  private OfflineExplain() {}

  /**
   * Which rules apply and why. Asks no Redis, so the counters' state is unknown.
   *
   * @param values how secrets among attributes are hashed, as the service does
   */
  public static ExplainResponse explain(RuleTable rules, ExplainRequest wire, ValueHash values) {
    return ExplainWriter.response(Explainer.explain(rules, question(wire), values));
  }

  /**
   * The same with the state of the counters.
   *
   * @param values how secrets among attributes are hashed, as the service does
   * @param redis the URI of the Redis that holds them; nothing is charged there
   * @param deadline the longest wait for it
   * @throws IOException when the counters cannot be read; the message says why and what to do
   * @throws InterruptedException when the thread was interrupted meanwhile
   */
  public static ExplainResponse explain(
      RuleTable rules, ExplainRequest wire, ValueHash values, String redis, Duration deadline)
      throws IOException, InterruptedException {
    RedisSettings settings = RedisSettings.of(redis, deadline);
    try (RedisCounterStore store = RedisCounterStore.connect(settings, StoreListener.NONE)) {
      long endNanos = System.nanoTime() + deadline.toNanos();
      while (!store.connected() && System.nanoTime() < endNanos) {
        Thread.sleep(5);
      }
      Limiter limiter =
          new Limiter(() -> rules, store, DecisionListener.NONE).hashing(() -> values);
      ExplainResult result = limiter.explain(question(wire)).toCompletableFuture().get();
      return ExplainWriter.response(result);
    } catch (ExecutionException e) {
      throw new IOException(
          "the counters at %s cannot be read: %s; leave out --redis to do without"
              .formatted(settings.address(), String.valueOf(e.getCause())),
          e);
    }
  }

  private static ExplainQuestion question(ExplainRequest wire) {
    List<Descriptor.Entry> entries =
        wire.getEntriesList().stream()
            .map(entry -> new Descriptor.Entry(entry.getKey(), entry.getValue()))
            .toList();
    return new ExplainQuestion(wire.getDomain(), entries, /* ordered= */ true);
  }
}
