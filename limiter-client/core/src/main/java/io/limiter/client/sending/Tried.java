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
  /** How a call carries its try. */
  public static final CallOptions.Key<Try> KEY = CallOptions.Key.create("limiter-try");

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

  /** A try that goes where it can. */
  public Try next() {
    return new Try(this, false);
  }

  /** A try that is not sent at all if it would go where the question is already. */
  public Try elsewhere() {
    return new Try(this, true);
  }

  /** One sending of the question. */
  public static final class Try {
    private final Tried tried;
    private final boolean onlyElsewhere;
    private volatile boolean unsent;

    private Try(Tried tried, boolean onlyElsewhere) {
      this.tried = tried;
      this.onlyElsewhere = onlyElsewhere;
    }

    Tried tried() {
      return tried;
    }

    public boolean onlyElsewhere() {
      return onlyElsewhere;
    }

    void unsent(boolean unsent) {
      this.unsent = unsent;
    }

    /** Whether it is certain that it has not left: no instance could be reached. */
    public boolean unsent() {
      return unsent;
    }
  }
}
