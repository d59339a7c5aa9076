package io.limiter.server.decide;

import io.limiter.ledger.Role;
import io.limiter.server.rules.file.LoadedRules;
import io.limiter.server.rules.file.RuleFiles;
import io.limiter.server.store.CounterStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Always the same traffic of many users, some of whom ask far more often than others, at different
 * costs; one request in twenty comes from a blocked place.
 */
final class Visits {
  static final int USERS = 500;

  private static final long SEED = 20_260_101;
  private static final int MOST_OF_ONE = 60;
  private static final int DEAREST = 3;

  /** One user's requests, in order. */
  private record User(String name, List<Visit> visits) {}

  private record Visit(long cost, boolean blocked) {}

  /** What came of rule r, for each of what it does: {@code SHADOW admits}, how often. */
  static final class Tally {
    private final Map<String, Integer> said = new TreeMap<>();
    private final Set<String> denied = new TreeSet<>();

    private void add(User user, Visit visit, Verdict verdict) {
      for (Verdict.Status status : verdict.statuses()) {
        if (status.rule().name().equals("r")) {
          said.merge(line(status.role(), status.outcome().admits()), 1, Integer::sum);
        }
      }
      if (!verdict.allowed() && !visit.blocked) {
        denied.add(user.name);
      }
    }

    private static String line(Role role, boolean admits) {
      return role + (admits ? " admits" : " denies");
    }

    int admitted(Role role) {
      return said.getOrDefault(line(role, true), 0);
    }

    int denied(Role role) {
      return said.getOrDefault(line(role, false), 0);
    }

    /** The users whom r denied a request. */
    Set<String> deniedUsers() {
      return denied;
    }

    @Override
    public String toString() {
      return "%s, %d users denied".formatted(said, denied.size());
    }
  }

  private final List<User> users = new ArrayList<>();

  Visits() {
    Random random = new Random(SEED);
    for (int i = 0; i < USERS; i++) {
      List<Visit> visits = new ArrayList<>();
      double eager = random.nextDouble();
      for (int left = 1 + (int) (eager * eager * MOST_OF_ONE); left > 0; left--) {
        visits.add(new Visit(1 + random.nextInt(DEAREST), random.nextInt(20) == 0));
      }
      users.add(new User("user-" + i, visits));
    }
  }

  /** What a rule with this limit and nothing else says, reckoned by hand. */
  Tally reckoned(Role role, long limit) {
    Tally tally = new Tally();
    for (User user : users) {
      long used = 0;
      for (Visit visit : user.visits) {
        boolean admits = used + visit.cost <= limit;
        used += admits && !visit.blocked ? visit.cost : 0;
        tally.said.merge(Tally.line(role, admits), 1, Integer::sum);
        if (!admits && !visit.blocked) {
          tally.denied.add(user.name);
        }
      }
    }
    return tally;
  }

  /**
   * What a rule r with these fields says to the traffic. Every user's requests come one after
   * another; those of different users at once.
   */
  Tally ask(CounterStore store, String fields) {
    Limiter limiter = limiter(store, fields);
    for (User user : users) {
      await(
          limiter
              .reset(new Selection("edge", attributes(user, false), List.of()))
              .toCompletableFuture());
    }
    Tally tally = new Tally();
    for (int round = 0; round < MOST_OF_ONE; round++) {
      List<CompletableFuture<Void>> asked = new ArrayList<>();
      for (User user : users) {
        if (round < user.visits.size()) {
          Visit visit = user.visits.get(round);
          asked.add(
              limiter
                  .decide(request(user, visit))
                  .thenAccept(
                      verdict -> {
                        synchronized (tally) {
                          tally.add(user, visit, verdict);
                        }
                      })
                  .toCompletableFuture());
        }
      }
      await(CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new)));
    }
    System.out.printf("%-40s %s%n", fields, tally);
    return tally;
  }

  private static Limiter limiter(CounterStore store, String fields) {
    String yaml =
        """
        domain: edge
        rules:
          - { name: r, key: [user], algorithm: fixed-window, window: 366d, %s }
          - { name: blocked, when: { place: blocked }, algorithm: fixed-window, window: 366d, limit: 0 }
        """
            .formatted(fields);
    LoadedRules loaded = RuleFiles.load(List.of(new RuleFiles.Source("edge.yaml", yaml)));
    if (!loaded.problems().isEmpty()) {
      throw new AssertionError(loaded.problems());
    }
    return new Limiter(loaded::table, store, DecisionListener.NONE);
  }

  private static Request request(User user, Visit visit) {
    return new Request(
        "edge", attributes(user, visit.blocked), visit.cost, Map.of(), List.of(), false, "");
  }

  private static Map<String, String> attributes(User user, boolean blocked) {
    return Map.of("user", user.name, "place", blocked ? "blocked" : "open");
  }

  private static <T> void await(CompletableFuture<T> stage) {
    var unused = stage.orTimeout(60, TimeUnit.SECONDS).join();
  }
}
