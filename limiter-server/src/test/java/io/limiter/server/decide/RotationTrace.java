package io.limiter.server.decide;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.limiter.ledger.Ending;
import io.limiter.server.key.Receipt;
import io.limiter.server.key.ValueHash;
import io.limiter.server.rules.Descriptor;
import io.limiter.server.rules.file.LoadedRules;
import io.limiter.server.rules.file.RuleFiles;
import io.limiter.server.store.Charge;
import io.limiter.server.store.CounterStore;
import io.limiter.server.store.Observation;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * The same random questions to instances whose secret is being changed, and to one whose secret
 * stays: both must be told the same. Windows of a year need no clock.
 */
final class RotationTrace {
  private static final String RULES =
      """
      domain: keys
      rules:
        - { name: fixed, when: { kind: a }, key: [api_key], hash: true, algorithm: fixed-window,
            limit: 40, window: 366d, soft: [50%%, 75%%], degrade-above: 60%%,
            priorities: { low: 50%%, default: 100%% }%s }
        - { name: tried, when: { kind: a }, key: [api_key], hash: true, mode: shadow,
            algorithm: sliding-log, limit: 25, window: 366d%s }
        - { name: both, key: [api_key], hash: true, algorithm: fixed-window, limit: 60, window: 366d }
        - { name: rollout, when: { kind: b }, key: [api_key], hash: true, enforce: 50%%,
            algorithm: sliding-log, limit: 30, window: 366d }
        - { name: prepaid, when: { kind: b }, key: [api_key, kind], hash: true,
            algorithm: fixed-window, limit: 45, window: never }
        - { name: held, when: { kind: c }, key: [api_key], hash: true,
            algorithm: fixed-window, limit: 35, window: 366d, hold: 1h }
        - { name: watched, when: { kind: c }, key: [api_key], hash: true, mode: shadow,
            algorithm: fixed-window, limit: 20, window: 366d, hold: 1h }
        - { name: at-once, when: { kind: c }, key: [api_key], hash: true,
            algorithm: concurrency, limit: 12, hold: 1h }
        - { name: learned, when: { kind: d }, key: [api_key], hash: true, algorithm: fixed-window,
            limit: 50, window: 366d, learn: true }
        - { name: seen, when: { kind: d }, key: [api_key], hash: true, mode: shadow,
            algorithm: fixed-window, limit: 30, window: 366d, learn: true }
        - { name: plain, when: { kind: d }, key: [api_key], algorithm: fixed-window,
            limit: 1000000, window: 366d }
      """;

  private static final List<String> KINDS = List.of("a", "b", "c", "d");
  private static final int KEYS = 3;
  private static final long YEAR_MICROS = TimeUnit.DAYS.toMicros(366);

  private final Random random;
  private final String label;
  private final boolean oneSlot;
  private final Limiter steady;
  private final Limiter late;
  private final Limiter next;
  private final Limiter both;
  private final String name = Long.toHexString(new Random().nextLong());

  /** What can be given back: of the steady secret, and of the one that is changed. */
  private final List<Receipt[]> charged = new ArrayList<>();

  private final List<HoldReceipt[]> held = new ArrayList<>();

  /**
   * A trace.
   *
   * @param oneSlot whether all counters lie in one slot; else none has a candidate, which knows
   *     nothing of the denials of other slots
   */
  RotationTrace(CounterStore store, long seed, boolean oneSlot) {
    this.oneSlot = oneSlot;
    random = new Random(seed);
    label = "seed " + seed;
    String rules =
        RULES.formatted(
            oneSlot ? ", candidate: { limit: 20 }" : "",
            oneSlot ? ", candidate: { limit: 35 }" : "");
    LoadedRules loaded = RuleFiles.load(List.of(new RuleFiles.Source("keys.yaml", rules)));
    assertEquals(List.of(), loaded.problems());
    ValueHash before = secret("before");
    ValueHash after = secret("after");
    steady = limiter(loaded, store, secret("steady"));
    late = limiter(loaded, store, before);
    next = limiter(loaded, store, before.after(after));
    both = limiter(loaded, store, after.after(before));
  }

  private static ValueHash secret(String text) {
    return ValueHash.keyed(text.getBytes(StandardCharsets.UTF_8));
  }

  private static Limiter limiter(LoadedRules rules, CounterStore store, ValueHash values) {
    return new Limiter(rules::table, store, DecisionListener.NONE).hashing(() -> values);
  }

  /** First all have the secret of before, then some have both, and at last all. */
  void run(int steps) {
    for (int i = 0; i < steps; i++) {
      int phase = 4 * i / steps;
      List<Limiter> instances =
          switch (phase) {
            case 0 -> List.of(late);
            case 1 -> List.of(late, next, both);
            case 2 -> List.of(next, both);
            default -> List.of(both);
          };
      // What one gives back that knows no other secret, it gives back to one counter only.
      Limiter knowing = phase == 0 ? late : random.nextBoolean() ? next : both;
      String step = label + " step " + i;
      try {
        step(instances.get(random.nextInt(instances.size())), knowing, step);
      } catch (CompletionException failed) {
        throw new AssertionError(step, failed);
      }
    }
  }

  private void step(Limiter any, Limiter knowing, String step) {
    switch (random.nextInt(16)) {
      case 0, 1, 2 -> any(any, step);
      case 3, 4, 5 -> envoy(any, step);
      case 6 -> refund(any, step);
      case 7, 8 -> end(any, step);
      case 9 -> {
        if (random.nextInt(8) == 0) {
          reset(knowing, step);
        }
      }
      case 10 -> {
        if (random.nextInt(4) == 0) {
          observe(knowing, step);
        }
      }
      case 11 -> {
        if (random.nextInt(4) == 0) {
          request(knowing, -1 - random.nextInt(4), step);
          charged.clear();
          held.clear();
        }
      }
      case 12 -> explain(any, step);
      default -> request(any, random.nextInt(6), step);
    }
  }

  private <T> T oneOf(T[] all) {
    return all[random.nextInt(all.length)];
  }

  private Map<String, String> attributes() {
    return Map.of(
        "kind", KINDS.get(random.nextInt(KINDS.size())), "api_key", name + random.nextInt(KEYS));
  }

  private Request request(long cost) {
    return new Request(
        "keys",
        attributes(),
        cost,
        Map.of(),
        List.of(),
        cost > 0 && random.nextBoolean(),
        /* idempotencyKey= */ "",
        random.nextInt(4) == 0 ? "low" : "",
        cost > 0 && random.nextInt(3) == 0 ? TimeUnit.MINUTES.toMicros(30) : 0,
        Charge.ANY_WAIT);
  }

  private void request(Limiter any, long cost, String step) {
    Request asked = request(cost);
    Verdict expected = join(steady.decide(asked));
    Verdict told = join(any.decide(asked));
    assertEquals(text(expected), text(told), () -> step + ": " + asked);
    keep(expected, told);
  }

  private void keep(Verdict expected, Verdict told) {
    if (expected.holds() != null && told.holds() != null) {
      held.add(new HoldReceipt[] {expected.holds(), told.holds()});
    } else if (expected.receipt() != null && told.receipt() != null) {
      charged.add(new Receipt[] {expected.receipt(), told.receipt()});
    }
  }

  private void any(Limiter any, String step) {
    List<Request> asked = new ArrayList<>();
    for (int i = 0; i <= random.nextInt(3); i++) {
      asked.add(request(1 + random.nextInt(6)));
    }
    AnyVerdict expected = join(steady.decideAny(asked));
    AnyVerdict told = join(any.decideAny(asked));
    assertEquals(
        expected.told().stream().map(RotationTrace::text).toList(),
        told.told().stream().map(RotationTrace::text).toList(),
        () -> step + ": " + asked);
    keep(expected.told().get(expected.told().size() - 1), told.told().get(told.told().size() - 1));
  }

  private void envoy(Limiter any, String step) {
    List<DescriptorRequest.DescriptorHits> descriptors = new ArrayList<>();
    for (int i = 0; i <= random.nextInt(3); i++) {
      Map<String, String> attributes = new TreeMap<>(attributes());
      List<Descriptor.Entry> entries = new ArrayList<>();
      attributes.forEach((key, value) -> entries.add(new Descriptor.Entry(key, value)));
      descriptors.add(
          new DescriptorRequest.DescriptorHits(new Descriptor(entries, null), random.nextInt(6)));
    }
    DescriptorRequest.Leniency leniency = oneOf(DescriptorRequest.Leniency.values());
    DescriptorRequest asked = new DescriptorRequest("keys", descriptors, leniency, false);
    DescriptorVerdict expected = join(steady.decide(asked));
    DescriptorVerdict told = join(any.decide(asked));
    assertEquals(text(expected.whole()), text(told.whole()), () -> step + ": " + asked);
    assertEquals(
        expected.descriptors().stream().map(one -> statuses(one.statuses())).toList(),
        told.descriptors().stream().map(one -> statuses(one.statuses())).toList(),
        () -> step + ": " + asked);
  }

  private void refund(Limiter any, String step) {
    if (!charged.isEmpty()) {
      Receipt[] one = charged.remove(random.nextInt(charged.size()));
      assertEquals(join(steady.refund(one[0])), join(any.refund(one[1])), step);
    }
  }

  private void end(Limiter any, String step) {
    if (!held.isEmpty()) {
      HoldReceipt[] one = held.remove(random.nextInt(held.size()));
      Ending.What what = oneOf(Ending.What.values());
      // Over several slots a refusal may come after another slot has taken more.
      long cost = what == Ending.What.EXTEND && !oneSlot ? 0 : random.nextInt(8);
      HoldVerdict expected = join(steady.end(ending(what, one[0], cost)));
      HoldVerdict told = join(any.end(ending(what, one[1], cost)));
      // What a released counter says is of no meaning.
      boolean released = what == Ending.What.RELEASE;
      assertEquals(
          text(expected, released), text(told, released), () -> step + ": " + what + " " + cost);
    }
  }

  private static HoldRequest ending(Ending.What what, HoldReceipt receipt, long cost) {
    return new HoldRequest(
        what,
        receipt,
        what == Ending.What.RELEASE ? 0 : cost,
        Map.of(),
        what == Ending.What.EXTEND ? TimeUnit.MINUTES.toMicros(30) : 0,
        Charge.ANY_WAIT);
  }

  private void reset(Limiter knowing, String step) {
    Selection selection = new Selection("keys", attributes(), List.of());
    assertEquals(join(steady.reset(selection)) > 0, join(knowing.reset(selection)) > 0, step);
    charged.clear();
    held.clear();
  }

  private void observe(Limiter knowing, String step) {
    Map<String, String> attributes = new HashMap<>(attributes());
    attributes.put("kind", "d");
    Selection selection = new Selection("keys", attributes, List.of());
    Observation said = new Observation(random.nextInt(20), YEAR_MICROS, -1, 20);
    assertEquals(
        join(steady.observe(selection, "", said)) > 0,
        join(knowing.observe(selection, "", said)) > 0,
        step);
    // What was charged before it was heard goes back to the counters that had heard it before.
    charged.clear();
  }

  private void explain(Limiter any, String step) {
    List<Descriptor.Entry> entries = new ArrayList<>();
    attributes().forEach((key, value) -> entries.add(new Descriptor.Entry(key, value)));
    ExplainQuestion asked = new ExplainQuestion("keys", entries, /* ordered= */ true);
    assertEquals(text(join(steady.explain(asked))), text(join(any.explain(asked))), step);
  }

  private static String text(ExplainResult result) {
    return result.counters().values().stream()
        .map(
            counter ->
                counter.state() instanceof ExplainResult.State.Seen seen
                    ? status(seen.status())
                    : counter.state().toString())
        .collect(Collectors.joining("; "));
  }

  private static String text(Verdict verdict) {
    return (verdict.allowed() ? "allowed" : "denied") + ": " + statuses(verdict.statuses());
  }

  private static String text(HoldVerdict verdict, boolean released) {
    return "%s %s: %s"
        .formatted(
            verdict.state(),
            verdict.extended(),
            released ? verdict.statuses().size() : statuses(verdict.statuses()));
  }

  private static String statuses(List<Verdict.Status> statuses) {
    return statuses.stream().map(RotationTrace::status).collect(Collectors.joining("; "));
  }

  /** All but times, which go on, and but how full a counter is that both are charged to. */
  private static String status(Verdict.Status status) {
    return "%s %s %s %d %s held %d owed %d"
        .formatted(
            status.rule().name(),
            status.role(),
            status.outcome().getClass().getSimpleName(),
            status.rule().keying().hash() ? status.outcome().remaining() : 0,
            status.level(),
            status.held().held(),
            status.held().owed());
  }

  private static <T> T join(CompletionStage<T> stage) {
    return stage.toCompletableFuture().orTimeout(60, TimeUnit.SECONDS).join();
  }
}
