package io.limiter.jmh.load;

import io.limiter.jmh.load.service.Machine;
import io.limiter.jmh.load.service.Service;
import io.limiter.jmh.load.traffic.RuleDomain;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** One run of the generator, from starting what it asks to the last line that it prints. */
final class Run {
  private static final Duration WARM_UP_ROUND = Duration.ofSeconds(2);

  private final LoadFlags flags;
  private final Optional<LoadFlags> other;
  private final PrintStream out;
  private final Table table;
  private final List<Round> rounds = new ArrayList<>();
  private final List<Round> otherRounds = new ArrayList<>();

  Run(LoadFlags flags, PrintStream out) {
    this.flags = flags;
    this.out = out;
    other = flags.against == null ? Optional.empty() : Optional.of(flags.other());
    table = new Table(out);
  }

  /** Returns whether there were decisions in every round. */
  boolean run() throws IOException, InterruptedException {
    try (Service service = Service.of(flags.serviceKey(), domains())) {
      Machine machine = Machine.of(service);
      out.println(machine.line());
      if (other.isEmpty()) {
        alone(service);
      } else if (sharesService(other.get())) {
        inTurn(service, service, other.get());
      } else {
        LoadFlags more = other.get();
        try (Service second = Service.of(more.serviceKey(), more.traffic.domains())) {
          inTurn(service, second, more);
        }
      }
      if (flags.json != null) {
        report(machine).write(flags.json);
      }
      return rounds.stream().allMatch(Run::decided) && otherRounds.stream().allMatch(Run::decided);
    }
  }

  /** Those that the first service is asked about. */
  private Set<RuleDomain> domains() {
    Set<RuleDomain> domains = new HashSet<>(flags.traffic.domains());
    other.filter(this::sharesService).ifPresent(more -> domains.addAll(more.traffic.domains()));
    return domains;
  }

  private boolean sharesService(LoadFlags more) {
    return more.serviceKey().equals(flags.serviceKey());
  }

  private static boolean decided(Round round) {
    return round.totals().decisions() > 0;
  }

  private void alone(Service service) throws InterruptedException {
    try (Workload workload = new Workload(flags, service)) {
      warmUp(flags.pace.warmup, List.of(workload));
      table.head();
      for (int i = 1; i <= flags.rounds(); i++) {
        rounds.add(workload.round());
        table.row(Integer.toString(i), rounds.get(i - 1));
      }
    }
  }

  private void inTurn(Service service, Service otherService, LoadFlags otherFlags)
      throws InterruptedException {
    out.println("A: " + String.join(" ", flags.own()));
    out.println("B: the same with " + flags.against);
    try (Workload a = new Workload(flags, service);
        Workload b = new Workload(otherFlags, otherService)) {
      warmUp(flags.pace.warmup, List.of(a, b));
      table.head();
      for (int i = 1; i <= flags.rounds(); i++) {
        rounds.add(a.round());
        table.row("A " + i, rounds.get(i - 1));
        otherRounds.add(b.round());
        table.row("B " + i, otherRounds.get(i - 1));
      }
    }
    table.ratios(rates(), p99s());
  }

  /**
   * In turn and in short rounds, as it is measured: what begins and ends with a round is compiled
   * as well, and nothing needs to be compiled anew when the first that counts begins.
   */
  private static void warmUp(Duration each, List<Workload> workloads) throws InterruptedException {
    for (Duration left = each;
        !left.isNegative() && !left.isZero();
        left = left.minus(WARM_UP_ROUND)) {
      Duration time = left.compareTo(WARM_UP_ROUND) < 0 ? left : WARM_UP_ROUND;
      for (Workload workload : workloads) {
        workload.warmUp(time);
      }
    }
  }

  private Ratios rates() {
    return Ratios.of(rounds, otherRounds, Round::rate);
  }

  private Ratios p99s() {
    return Ratios.of(rounds, otherRounds, round -> round.totals().millisAt(99));
  }

  private Report report(Machine machine) {
    Report report = new Report(machine, Instant.now());
    report.add("a", flags, rounds);
    other.ifPresent(
        more -> {
          report.add("b", more, otherRounds);
          report.add("rateRatios", rates());
          report.add("p99Ratios", p99s());
        });
    return report;
  }
}
