package io.limiter.server.store.fallback;

import io.limiter.server.store.Claim;
import io.limiter.server.store.Debt;
import io.limiter.server.store.DebtTarget;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Nodes by the first letter of the key. They answer when a test says so. */
final class HeldNodes implements DebtTarget {
  final Set<String> away = new HashSet<>();
  final List<List<Debt>> sent = new CopyOnWriteArrayList<>();
  final List<CompletableFuture<List<Paid>>> answers = new CopyOnWriteArrayList<>();
  final List<List<Claim>> claims = new CopyOnWriteArrayList<>();
  private final List<CompletableFuture<List<Claim.Fate>>> fates = new CopyOnWriteArrayList<>();

  private static String node(String key) {
    return key.substring(0, 1);
  }

  @Override
  public @Nullable Place place(String key) {
    String node = node(key);
    return away.contains(node) ? null : new Place(node, 0);
  }

  @Override
  public boolean hasOneRecord(List<String> counters) {
    return counters.stream().map(HeldNodes::node).distinct().count() == 1;
  }

  @Override
  public CompletionStage<List<Paid>> settle(List<Debt> debts) {
    sent.add(debts);
    answers.add(new CompletableFuture<>());
    return answers.get(answers.size() - 1);
  }

  void answer(int call, Fate fate) {
    Paid paid =
        fate == Fate.SETTLED ? new Paid(fate, sent.get(call).get(0).cost(), 0) : new Paid(fate);
    answers.get(call).complete(Collections.nCopies(sent.get(call).size(), paid));
  }

  long cost(int call) {
    return sent.get(call).stream().mapToLong(Debt::cost).sum();
  }

  @Override
  public CompletionStage<List<Claim.Fate>> claim(List<Claim> some) {
    claims.add(some);
    fates.add(new CompletableFuture<>());
    return fates.get(fates.size() - 1);
  }

  void answer(int call, Claim.Fate fate) {
    fates.get(call).complete(Collections.nCopies(claims.get(call).size(), fate));
  }
}
