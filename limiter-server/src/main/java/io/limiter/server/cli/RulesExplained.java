package io.limiter.server.cli;

import io.limiter.server.api.ExplainWriter;
import io.limiter.server.decide.DecisionListener;
import io.limiter.server.decide.ExplainQuestion;
import io.limiter.server.decide.ExplainResult;
import io.limiter.server.decide.Explainer;
import io.limiter.server.decide.Limiter;
import io.limiter.server.rules.Descriptor;
import io.limiter.server.rules.file.LoadedRules;
import io.limiter.server.rules.live.LiveRules;
import io.limiter.server.rules.table.RuleTable;
import io.limiter.server.store.redis.RedisCounterStore;
import io.limiter.server.store.redis.RedisSettings;
import io.limiter.server.store.redis.StoreListener;
import io.limiter.v1.ExplainRequest;
import io.limiter.v1.ExplainResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Explains the rules of a directory, without a service.
 *
 * @param redis whose counters are looked at; null for none
 * @param deadline the longest wait for Redis
 */
record RulesExplained(Path directory, @Nullable String redis, Duration deadline, Console console) {

  /** The explanation; empty after saying on the console why there is none. */
  Optional<ExplainResponse> ask(ExplainRequest wire) {
    Optional<LoadedRules> loaded = RulesDirectory.load(directory, "--rules", console);
    if (loaded.isEmpty()) {
      return Optional.empty();
    }
    loaded.get().problems().forEach(problem -> console.complain(problem.toString()));
    RuleTable table = LiveRules.fixed(loaded.get(), Clock.systemUTC()).get();
    if (isFaulty(wire.getDomain(), loaded.get())) {
      console.complain(
          "domain %s has problems, so there is nothing to explain; mend them first"
              .formatted(wire.getDomain()));
      return Optional.empty();
    }
    List<Descriptor.Entry> entries =
        wire.getEntriesList().stream()
            .map(entry -> new Descriptor.Entry(entry.getKey(), entry.getValue()))
            .toList();
    ExplainQuestion question = new ExplainQuestion(wire.getDomain(), entries, /* ordered= */ true);
    return (redis == null
            ? Optional.of(Explainer.explain(table, question))
            : looked(table, question, redis))
        .map(ExplainWriter::response);
  }

  private static boolean isFaulty(String domain, LoadedRules loaded) {
    return loaded.files().stream()
        .anyMatch(file -> !file.good() && file.domain().filter(domain::equals).isPresent());
  }

  private Optional<ExplainResult> looked(RuleTable table, ExplainQuestion question, String uri) {
    RedisSettings settings = RedisSettings.of(uri, deadline);
    try (RedisCounterStore store = RedisCounterStore.connect(settings, StoreListener.NONE)) {
      long endNanos = System.nanoTime() + deadline.toNanos();
      while (!store.connected() && System.nanoTime() < endNanos) {
        Thread.sleep(5);
      }
      Limiter limiter = new Limiter(() -> table, store, DecisionListener.NONE);
      return Optional.of(limiter.explain(question).toCompletableFuture().get());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      console.complain("interrupted");
      return Optional.empty();
    } catch (ExecutionException e) {
      console.complain(
          "the counters at %s cannot be read: %s; leave out --redis to do without"
              .formatted(settings.address(), String.valueOf(e.getCause())));
      return Optional.empty();
    }
  }
}
