package io.limiter.client.sending;

import io.grpc.CallOptions;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The instances that a question was sent to, so that the next try goes to another one. The {@link
 * Balancer} reads and fills it. Thread-safe.
 */
public final class Tried {
  /** How a call carries it. */
  public static final CallOptions.Key<Tried> KEY = CallOptions.Key.create("limiter-tried");

  /** A try that is not to be sent at all if it would go where the question is already. */
  public static final CallOptions.Key<Boolean> ONLY_ELSEWHERE =
      CallOptions.Key.createWithDefault("limiter-only-elsewhere", false);

  private final List<Instance> instances = new ArrayList<>(2);

  /** The same instances, for a try of its own. */
  public synchronized Tried copy() {
    Tried copy = new Tried();
    copy.instances.addAll(instances);
    return copy;
  }

  synchronized void add(Instance instance) {
    instances.removeIf(instance::isAtTheAddressOf);
    instances.add(instance);
  }

  synchronized boolean contains(Instance instance) {
    return instances.stream().anyMatch(instance::isAtTheAddressOf);
  }

  /** Whether no more should be asked where it was sent last, since that drains or ends. */
  public boolean shouldBeLeft() {
    Instance last = last();
    return last != null && last.shouldBeLeft();
  }

  /** The one that was tried last; null before the first. */
  synchronized @Nullable Instance last() {
    return instances.isEmpty() ? null : instances.get(instances.size() - 1);
  }
}
