package io.limiter.client.sending;

import io.grpc.LoadBalancer.Subchannel;
import io.grpc.NameResolver;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The instances that a channel knows. Thread-safe. */
public final class Instances {
  /** How a channel's balancer finds them. */
  public static final NameResolver.Args.Key<Instances> KEY =
      NameResolver.Args.Key.create("limiter-instances");

  /** By what gRPC has inside each of its connections: other balancers may wrap them. */
  private final Map<Object, Instance> byConnection = new ConcurrentHashMap<>();

  // Written under this object's lock.
  private volatile int serving;
  private volatile int draining;

  /** Those that could not be reached, by their connections. */
  private final Set<Object> away = ConcurrentHashMap.newKeySet();

  /** None is known yet. */
  public Instances() {}

  boolean anyIsAway() {
    return !away.isEmpty();
  }

  /** An instance could not be reached, or is not tried any more. */
  void away(Subchannel connection, boolean isAway) {
    if (isAway) {
      away.add(connection.getInternalSubchannel());
    } else {
      away.remove(connection.getInternalSubchannel());
    }
  }

  /** A connection is up. */
  Instance add(Subchannel connection) {
    Object address = connection.getInternalSubchannel();
    Instance instance = new Instance(this, address);
    synchronized (this) {
      count(instance, 1);
    }
    byConnection.put(address, instance);
    return instance;
  }

  /** It is up no more. */
  void remove(Subchannel connection, Instance instance) {
    byConnection.remove(connection.getInternalSubchannel(), instance);
    instance.end();
  }

  @Nullable Instance find(Subchannel connection) {
    return byConnection.get(connection.getInternalSubchannel());
  }

  /** How many are connected and do not drain. */
  int serving() {
    return serving;
  }

  boolean anyDrains() {
    return draining > 0;
  }

  /** Only under this object's lock. */
  @SuppressWarnings("NonAtomicVolatileUpdate")
  void count(Instance instance, int step) {
    if (instance.over()) {
      return;
    }
    if (instance.draining()) {
      draining += step;
    } else {
      serving += step;
    }
  }
}
