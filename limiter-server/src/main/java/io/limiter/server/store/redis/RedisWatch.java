package io.limiter.server.store.redis;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import io.lettuce.core.api.StatefulRedisConnection;
import io.limiter.server.key.CounterKeys;
import io.limiter.server.store.CreditListener;
import io.limiter.server.store.StoreException;
import io.limiter.server.store.redis.advice.Advice;
import io.limiter.server.store.redis.advice.RedisInfo;
import io.limiter.server.store.redis.connect.RedisFailure;
import io.limiter.server.store.redis.connect.Subscription;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches Redis beside the questions, on a thread of its own: hears which counters were given
 * something back to by any instance, and looks at the settings of each Redis once for each
 * connection. Safe to ask from any thread.
 *
 * <p>It takes what this instance gave back like that of others. So it hears also of a reset whose
 * answer did not come in time.
 */
public final class RedisWatch implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RedisWatch.class);
  private static final Duration BEAT = Duration.ofSeconds(1);

  private final Topology topology;
  private final Optional<Subscription> subscription;
  private final AtomicLong notices = new AtomicLong();
  private final Map<RedisNode, Looked> looked = new ConcurrentHashMap<>();

  /** What was logged, so that each advice is said once while it stands. */
  private final Set<String> said = new HashSet<>();

  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          new ThreadFactoryBuilder().setNameFormat("limiter-redis-watch").setDaemon(true).build());

  /** What was found when a connection was new. */
  private record Looked(StatefulRedisConnection<String, String> on, List<Advice> found) {}

  private RedisWatch(RedisCounterStore store, Optional<? extends CreditListener> credits) {
    topology = store.topology();
    // In a Cluster every node hears all. Instances spread over them by a name that each makes up.
    String some = UUID.randomUUID().toString();
    subscription =
        credits.map(
            listener ->
                new Subscription(
                    () -> topology.node(some).connections(),
                    CounterKeys.CREDITS,
                    message -> heard(message, listener),
                    listener::missedSome,
                    thread));
    credits.ifPresent(store::tellCredits);
  }

  /**
   * Watches from now on.
   *
   * @param credits hears of what is given back; empty if nobody wants to
   */
  public static RedisWatch over(
      RedisCounterStore store, Optional<? extends CreditListener> credits) {
    RedisWatch watch = new RedisWatch(store, credits);
    var unused =
        watch.thread.scheduleWithFixedDelay(watch::beat, 0, BEAT.toMillis(), TimeUnit.MILLISECONDS);
    return watch;
  }

  private void heard(String message, CreditListener listener) {
    List<String> keys = List.of(message.split(" "));
    notices.addAndGet(keys.size());
    listener.credited(keys);
  }

  private void beat() {
    try {
      subscription.ifPresent(Subscription::beat);
      topology.nodes().forEach(this::look);
      looked.keySet().retainAll(topology.nodes());
    } catch (StoreException nobody) {
      // A Cluster without a primary to ask says so itself.
    } catch (RuntimeException e) {
      // It would be the last beat.
      log.error("The watch over Redis failed", e);
    }
  }

  private void look(RedisNode node) {
    StatefulRedisConnection<String, String> connection = node.connections().currentOrNull();
    Looked before = looked.get(node);
    if (connection == null || (before != null && before.on == connection)) {
      return;
    }
    looked.put(node, new Looked(connection, before == null ? List.of() : before.found));
    var unused =
        connection
            .async()
            .info()
            .whenComplete(
                (info, failure) -> {
                  List<Advice> found =
                      failure == null
                          ? RedisInfo.judge(info, topology instanceof ClusterTopology)
                          : unseen(failure, node.address());
                  looked.put(node, new Looked(connection, found));
                  say(node.address(), found);
                });
  }

  /**
   * Nothing if it did not refuse: then the connection is at its end, and the next one will tell.
   */
  private static List<Advice> unseen(Throwable failure, String address) {
    return RedisFailure.isRefusal(RedisFailure.of(failure, address))
        ? List.of(RedisInfo.UNSEEN)
        : List.of();
  }

  private synchronized void say(String address, List<Advice> found) {
    Set<String> now = new HashSet<>();
    for (Advice advice : found) {
      String line = address + ": " + advice.text();
      now.add(line);
      if (said.add(line)) {
        if (advice.about().breaksLimits()) {
          log.warn("{}", line);
        } else {
          log.info("{}", line);
        }
      }
    }
    said.removeIf(line -> line.startsWith(address + ": ") && !now.contains(line));
  }

  /** Whether it hears at the moment of what instances give back. */
  public boolean hears() {
    return subscription.isPresent() && subscription.get().trouble() == null;
  }

  /** Why it does not, for people; empty while it does, and if nobody wants to hear. */
  public Optional<String> deafness() {
    return subscription.map(Subscription::trouble);
  }

  /** Of how many counters it was heard that they were given something back to. */
  public long notices() {
    return notices.get();
  }

  /** Whether there is advice about this. */
  public boolean advises(Advice.About about) {
    return looked.values().stream()
        .anyMatch(one -> one.found.stream().anyMatch(advice -> advice.about() == about));
  }

  /** What should be set otherwise, for people: a line for each. */
  public List<String> advice() {
    List<String> lines = new ArrayList<>();
    looked.forEach(
        (node, one) ->
            one.found.forEach(advice -> lines.add(node.address() + ": " + advice.text())));
    return List.copyOf(lines);
  }

  @Override
  public void close() {
    subscription.ifPresent(Subscription::close);
    thread.shutdown();
  }
}
