package io.limiter.server.envoy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Envoy's own rate-limit service in plain Java: lists that are searched from the front, and a map
 * of counts. Written apart from the implementation, to be compared with it; knows nothing of
 * windows, which tests keep from turning.
 *
 * <p>Assumptions where the original says nothing: without charge-on-deny the same counter asked by
 * several descriptors is asked for their sum, which is dealt out in order; a sum that gives back is
 * applied whole; of several own limits of one counter the smallest holds.
 */
final class EnvoyModel {
  static final long UNLIMITED = 4_294_967_295L;

  /** A descriptor of the configuration. */
  record Node(
      String key,
      String value,
      Limit limit,
      boolean shadow,
      boolean quota,
      boolean share,
      List<Node> children) {
    String composite() {
      return value.isEmpty() ? key : key + "_" + value;
    }

    boolean limited() {
      return !limit.equals(Limit.NONE);
    }
  }

  record Limit(
      String unit,
      int multiplier,
      long requests,
      boolean unlimited,
      String name,
      Set<String> replaces) {
    static final Limit NONE = new Limit("none", 1, -1, false, "", Set.of());
  }

  /** What the whole service is told to do, whatever the limits say. */
  enum Mode {
    ENFORCE,
    SHADOW,
    QUOTA
  }

  record Entry(String key, String value) {}

  /** A descriptor of a request; its own limit, if it has one. */
  record Asked(List<Entry> entries, long hits, Limit own) {}

  /** What is said of a descriptor. */
  record Said(boolean over, Limit limit, long remaining) {
    static final Said NOTHING = new Said(false, Limit.NONE, 0);

    boolean limited() {
      return !limit.equals(Limit.NONE);
    }
  }

  record Answer(boolean over, List<Said> said) {}

  private record Found(Limit limit, String counter, boolean shadow, boolean quota) {}

  private static final Found NONE = new Found(Limit.NONE, "", false, false);

  private final List<Node> top;
  private final boolean chargeOnDeny;
  private final Mode mode;
  private final Map<String, Long> counts = new HashMap<>();

  EnvoyModel(List<Node> top, boolean chargeOnDeny, Mode mode) {
    this.top = top;
    this.chargeOnDeny = chargeOnDeny;
    this.mode = mode;
  }

  Answer ask(List<Asked> request) {
    List<Found> found = new ArrayList<>();
    Set<String> replaced = new TreeSet<>();
    for (Asked asked : request) {
      Found one = find(asked);
      found.add(one);
      replaced.addAll(one.limit.replaces);
    }
    found.replaceAll(
        one ->
            !one.limit.unlimited && !one.limit.name.isEmpty() && replaced.contains(one.limit.name)
                ? NONE
                : one);
    return chargeOnDeny ? count(request, found) : weigh(request, found);
  }

  private Found find(Asked asked) {
    if (!asked.own.equals(Limit.NONE)) {
      String window = asked.own.multiplier + asked.own.unit;
      return new Found(asked.own, "own " + window + asked.entries, false, false);
    }
    List<Node> level = top;
    List<String> identity = new ArrayList<>();
    @Nullable Node last = null;
    for (int i = 0; i < asked.entries.size(); i++) {
      Entry entry = asked.entries.get(i);
      last = pick(level, entry);
      if (last == null) {
        return NONE;
      }
      boolean shared = last.share && !last.composite().equals(entry.key);
      identity.add(entry.key + (shared ? " shares " + last.composite() : " is " + entry.value));
      level = last.children;
    }
    return last == null
        ? NONE
        : new Found(last.limit, identity.toString(), last.shadow, last.quota);
  }

  private static @Nullable Node pick(List<Node> level, Entry entry) {
    String joined = entry.key + "_" + entry.value;
    for (Node node : level) {
      if (node.composite().equals(joined)) {
        return node;
      }
    }
    for (Node node : level) {
      if (node.composite().contains("*") && matches(node.composite(), joined)) {
        return node;
      }
    }
    for (Node node : level) {
      if (node.composite().equals(entry.key)) {
        return node;
      }
    }
    return null;
  }

  /** Whether each star can stand for some run of characters. */
  private static boolean matches(String pattern, String text) {
    int star = pattern.indexOf('*');
    if (star < 0) {
      return pattern.equals(text);
    }
    if (!text.startsWith(pattern.substring(0, star))) {
      return false;
    }
    for (int from = star; from <= text.length(); from++) {
      if (matches(pattern.substring(star + 1), text.substring(from))) {
        return true;
      }
    }
    return false;
  }

  private static boolean counted(Found found) {
    return !found.limit.equals(Limit.NONE) && !found.limit.unlimited;
  }

  private static Said uncounted(Found found) {
    return found.limit.unlimited ? new Said(false, Limit.NONE, UNLIMITED) : Said.NOTHING;
  }

  private Answer count(List<Asked> request, List<Found> found) {
    List<Said> said = new ArrayList<>();
    Votes votes = new Votes();
    for (int i = 0; i < request.size(); i++) {
      Found one = found.get(i);
      if (!counted(one)) {
        said.add(uncounted(one));
        votes.uncounted(one);
        continue;
      }
      long hits = request.get(i).hits;
      long after = Math.max(0, counts.getOrDefault(one.counter, 0L) + hits);
      counts.put(one.counter, after);
      boolean over = hits >= 0 && after > one.limit.requests;
      said.add(told(one, over, Math.max(0, one.limit.requests - after)));
      votes.counted(one, over);
    }
    return new Answer(votes.denied(), said);
  }

  /** Who is over, as the original counts them up: a shadow is never over, but may be a quota. */
  private final class Votes {
    private int failedLimits;
    private int failedQuotas;
    private int quotas;

    void counted(Found found, boolean over) {
      boolean fails = over && !found.shadow;
      if (mode == Mode.QUOTA || found.quota) {
        quotas++;
        failedQuotas += fails ? 1 : 0;
      } else {
        failedLimits += fails ? 1 : 0;
      }
    }

    /** What has no limit is a quota with room where everything is a quota; unlimited is none. */
    void uncounted(Found found) {
      quotas += mode == Mode.QUOTA && !found.limit.unlimited ? 1 : 0;
    }

    boolean denied() {
      return mode != Mode.SHADOW && (failedLimits > 0 || (quotas > 0 && quotas == failedQuotas));
    }
  }

  private static Said told(Found found, boolean over, long remaining) {
    return new Said(over && !found.shadow, found.limit, remaining);
  }

  private Answer weigh(List<Asked> request, List<Found> found) {
    Map<String, Long> sums = new LinkedHashMap<>();
    Map<String, Long> limits = new HashMap<>();
    Map<String, Found> byCounter = new HashMap<>();
    Votes votes = new Votes();
    for (int i = 0; i < request.size(); i++) {
      Found one = found.get(i);
      if (!counted(one)) {
        votes.uncounted(one);
      } else {
        sums.merge(one.counter, request.get(i).hits, Long::sum);
        limits.merge(one.counter, one.limit.requests, Math::min);
        byCounter.putIfAbsent(one.counter, one);
      }
    }
    Map<String, Boolean> fits = new HashMap<>();
    Map<String, Long> before = new HashMap<>();
    sums.forEach(
        (counter, sum) -> {
          long used = counts.getOrDefault(counter, 0L);
          boolean fit = sum < 0 || used + sum <= limits.getOrDefault(counter, 0L);
          fits.put(counter, fit);
          before.put(counter, used);
          votes.counted(byCounter.getOrDefault(counter, NONE), !fit);
        });
    boolean denied = votes.denied();
    if (!denied) {
      sums.forEach(
          (counter, sum) -> {
            if (Boolean.TRUE.equals(fits.get(counter))) {
              counts.merge(counter, sum, (used, more) -> Math.max(0, used + more));
              counts.computeIfPresent(counter, (same, used) -> Math.max(0, used));
            }
          });
    }
    List<Said> said = new ArrayList<>();
    Map<String, Long> running = new HashMap<>();
    for (int i = 0; i < request.size(); i++) {
      Found one = found.get(i);
      if (!counted(one)) {
        said.add(uncounted(one));
        continue;
      }
      long upTo = running.merge(one.counter, request.get(i).hits, Long::sum);
      long limit = limits.getOrDefault(one.counter, 0L);
      long left = Math.max(0, limit - before.getOrDefault(one.counter, 0L));
      long sum = sums.getOrDefault(one.counter, 0L);
      if (Boolean.TRUE.equals(fits.get(one.counter))) {
        long after = Math.max(0, limit - counts.getOrDefault(one.counter, 0L));
        said.add(told(one, false, denied ? left : Math.max(0, after + sum - upTo)));
      } else {
        said.add(told(one, upTo == sum || upTo > left, left));
      }
    }
    return new Answer(denied, said);
  }
}
