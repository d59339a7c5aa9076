package io.limiter.jmh;

import io.limiter.server.rules.LoadedRules;
import io.limiter.server.rules.Match;
import io.limiter.server.rules.RuleFiles;
import io.limiter.server.rules.RuleTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Does matching slow down with the number of rules? {@code rules}: a domain of as many rules, each
 * for an endpoint of its own, of which a request meets one. {@code overrides}: one rule with as
 * many overrides, each for a user of its own, of which a request meets one. Which one changes from
 * request to request, over 1,024 requests made beforehand.
 *
 * <pre>java -jar jmh/target/benchmarks.jar MatchBenchmark</pre>
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class MatchBenchmark {
  private static final int REQUESTS = 1_024;

  @Param({"10", "10000"})
  public int entries;

  private RuleTable rules = RuleTable.EMPTY;
  private RuleTable overrides = RuleTable.EMPTY;
  private final List<Map<String, String>> requests = new ArrayList<>();
  private int next;

  @Setup
  public void load() {
    rules = table(manyRules());
    overrides = table(manyOverrides());
    Random random = new Random(1);
    for (int i = 0; i < REQUESTS; i++) {
      int entry = random.nextInt(entries);
      Map<String, String> request =
          Map.of("user", "user-" + entry, "endpoint", "GET /v1/things/" + entry);
      requests.add(request);
      if (rules.match("bench", request).rules().size() != 1
          || overrides.match("bench", request).rules().get(0).limit().most() != entry + 1) {
        throw new IllegalStateException(request + " does not meet the rule made for it");
      }
    }
  }

  @Benchmark
  public Match rules() {
    return rules.match("bench", request());
  }

  @Benchmark
  public Match overrides() {
    return overrides.match("bench", request());
  }

  private Map<String, String> request() {
    next = (next + 1) % REQUESTS;
    return requests.get(next);
  }

  private String manyRules() {
    StringBuilder yaml = new StringBuilder("domain: bench\nrules:\n");
    for (int i = 0; i < entries; i++) {
      yaml.append("  - name: rule-").append(i).append('\n');
      yaml.append("    key: [user]\n");
      yaml.append("    when: { endpoint: \"GET /v1/things/").append(i).append("\" }\n");
      yaml.append("    algorithm: token-bucket\n    rate: 100/s\n    burst: 200\n");
    }
    return yaml.toString();
  }

  private String manyOverrides() {
    StringBuilder yaml = new StringBuilder("domain: bench\nrules:\n");
    yaml.append("  - name: per-user\n    key: [user]\n");
    yaml.append("    algorithm: fixed-window\n    limit: 20000\n    window: 1m\n    overrides:\n");
    for (int i = 0; i < entries; i++) {
      yaml.append("      - when: { user: user-").append(i).append(" }\n");
      yaml.append("        limit: ").append(i + 1).append('\n');
    }
    return yaml.toString();
  }

  private static RuleTable table(String yaml) {
    LoadedRules loaded = RuleFiles.load(List.of(new RuleFiles.Source("bench.yaml", yaml)));
    if (!loaded.problems().isEmpty()) {
      throw new IllegalStateException("the benchmark's own rules: " + loaded.problems());
    }
    return loaded.table();
  }
}
