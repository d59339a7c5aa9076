package io.limiter.jmh.load;

import io.limiter.jmh.load.pace.Totals;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** Prints rounds as they end, one line each. */
final class Table {
  private final PrintStream out;

  Table(PrintStream out) {
    this.out = out;
  }

  void head() {
    print(
        "",
        "decisions",
        "p50",
        "p90",
        "p99",
        "p99.9",
        "max",
        "",
        "",
        "denied",
        "script",
        "commands",
        "Redis",
        "service",
        "client");
    print(
        "round", "/s", "ms", "ms", "ms", "ms", "ms", "errors", "dropped", "%", "calls/d", "/d",
        "µs/d", "µs/d", "µs/d");
  }

  void row(String name, Round round) {
    Totals totals = round.totals();
    print(
        name,
        String.format(Locale.ROOT, "%,.0f", round.rate()),
        figure(totals.millisAt(50)),
        figure(totals.millisAt(90)),
        figure(totals.millisAt(99)),
        figure(totals.millisAt(99.9)),
        figure(totals.maxMillis()),
        totals.failed(),
        round.timing().dropped(),
        figure(100 * totals.deniedShare()),
        figure(round.perDecision(round.used().redisScripts())),
        figure(round.perDecision(round.used().redisCommands())),
        figure(round.perDecision(round.used().redisCpuMicros())),
        figure(round.perDecision(round.used().serviceCpuMicros())),
        figure(round.perDecision(round.used().clientCpuMicros())));
    if (totals.failed() > 0) {
      out.println("      first error: " + totals.firstFailure());
      out.println("      errors: " + totals.failures());
    }
    if (round.charged().isPresent()) {
      out.printf(
          Locale.ROOT,
          "      charged %d, told %d; of those that failed %s %% were charged%n",
          round.charged().getAsLong(),
          totals.admitted(),
          figure(round.chargedOfFailed().stream().map(share -> 100 * share).findFirst()));
    }
  }

  void ratios(Ratios rates, Ratios p99s) {
    out.println();
    ratios("decisions/s, A to B", rates);
    ratios("p99, A to B", p99s);
  }

  private void ratios(String what, Ratios ratios) {
    List<String> each =
        ratios.each().stream().map(ratio -> String.format(Locale.ROOT, "%.3f", ratio)).toList();
    out.printf(
        Locale.ROOT,
        "%-20s median %.3f, min %.3f, max %.3f; pair by pair %s%n",
        what,
        ratios.median(),
        ratios.min(),
        ratios.max(),
        String.join(" ", each));
  }

  private void print(Object... cells) {
    out.printf("%-6s%11s%9s%9s%9s%9s%9s%9s%9s%9s%9s%9s%9s%9s%9s%n", cells);
  }

  private static String figure(OptionalDouble value) {
    return value.isPresent() ? figure(value.getAsDouble()) : "-";
  }

  private static String figure(double value) {
    return String.format(Locale.ROOT, value < 10 ? "%.3f" : value < 1_000 ? "%.1f" : "%.0f", value);
  }
}
