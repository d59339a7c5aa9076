package io.limiter.server.store.lease;

import io.limiter.algorithm.Limit;
import io.limiter.server.store.LeaseSource;
import io.limiter.server.store.StoreException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A source behind a network: a call is done some time after it was made, and answered later. */
final class LaterSource implements LeaseSource {
  private final LeaseSource source;
  private final List<Call<?>> calls = new CopyOnWriteArrayList<>();

  LaterSource(LeaseSource source) {
    this.source = source;
  }

  private static final class Call<T> {
    private final Supplier<CompletionStage<T>> todo;
    private final CompletableFuture<T> answer = new CompletableFuture<>();
    private @Nullable CompletionStage<T> done;

    Call(Supplier<CompletionStage<T>> todo) {
      this.todo = todo;
    }

    /** Does it, or answers what was done before; true when nothing is left to do. */
    boolean step() {
      CompletionStage<T> before = done;
      if (before == null) {
        done = todo.get();
        return false;
      }
      var unused = before.thenAccept(answer::complete);
      return true;
    }
  }

  private <T> CompletionStage<T> later(Supplier<CompletionStage<T>> todo) {
    Call<T> call = new Call<>(todo);
    calls.add(call);
    return call.answer;
  }

  @Override
  public CompletionStage<Prefetched> prefetch(String key, Limit limit, long most) {
    return later(() -> source.prefetch(key, limit, most));
  }

  @Override
  public CompletionStage<Integer> returnUnused(List<Unused> unused) {
    return later(() -> source.returnUnused(unused));
  }

  int waiting() {
    return calls.size();
  }

  /** Has one call, whichever, go one step on; or now and then lets it fail, done or not. */
  void step(Random random, boolean mayFail) {
    if (calls.isEmpty()) {
      return;
    }
    int index = random.nextInt(calls.size());
    Call<?> call = calls.get(index);
    if (mayFail && random.nextInt(20) == 0) {
      calls.add(0, calls.remove(index));
      fail(random.nextBoolean());
    } else if (call.step()) {
      calls.remove(call);
    }
  }

  /** Has the oldest call fail, done or not. */
  void fail(boolean done) {
    Call<?> call = calls.remove(0);
    if (done) {
      var unused = call.step();
    }
    call.answer.completeExceptionally(
        new StoreException(StoreException.Kind.UNAVAILABLE, "the answer was lost", null));
  }

  /** Has all calls done and answered, also those that answers bring about. */
  void finish() {
    Random any = new Random(0);
    while (!calls.isEmpty()) {
      step(any, /* mayFail= */ false);
    }
  }
}
