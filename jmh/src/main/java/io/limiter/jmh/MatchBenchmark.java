package io.limiter.jmh;

import io.limiter.server.rules.Descriptor;
import io.limiter.server.rules.DescriptorMatch;
import io.limiter.server.rules.Domain;
import io.limiter.server.rules.Match;
import io.limiter.server.rules.table.RuleTable;
import java.util.List;
import java.util.Map;
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
 * many overrides, each for a user of its own, of which a request meets one. {@code descriptors}: an
 * Envoy configuration with as many descriptors of one level, of which a request meets one.
 *
 * <p>Which one is met is drawn beforehand. By Zipf's law, as in most traffic, the entry of rank r
 * comes up in proportion to 1/r. Drawn {@code uniform}ly, caches help least. The request is made
 * anew, of bytes, as off the wire. So nobody has hashed its values before, and requests that wait
 * do not fill the caches in which the rules are looked up. {@code request} and {@code
 * descriptorRequest} only make it; take them off to see what matching costs alone. The texts are as
 * long with few entries as with many, so that nothing differs but their number.
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
  @Param({"10", "10000"})
  public int entries;

  @Param({"zipf", "uniform"})
  public String keys = "";

  private final WireRequests requests = new WireRequests();
  private int[] drawn = {};
  private int next;
  private RuleTable rules = RuleTable.EMPTY;
  private RuleTable overrides = RuleTable.EMPTY;
  private RuleTable descriptors = RuleTable.EMPTY;

  @Setup
  public void load() {
    drawn = WireRequests.draws(entries, keys.equals("zipf"));
    rules = ManyRules.rules(entries);
    overrides = ManyRules.overrides(entries);
    descriptors = ManyRules.descriptors(entries);
    for (int entry = 0; entry < entries; entry++) {
      Map<String, String> request = requests.of(entry);
      int limit = ManyRules.limit(entry);
      if (match(rules, request).rules().get(0).limit().limit() != limit
          || match(overrides, request).rules().get(0).limit().limit() != limit
          || !(match(requests.descriptors(entry)).get(0) instanceof DescriptorMatch.Limited limited)
          || limited.terms().requestsPerUnit() != limit) {
        throw new IllegalStateException(request + " does not meet the rule made for it");
      }
    }
  }

  @Benchmark
  public Map<String, String> request() {
    return requests.of(draw());
  }

  @Benchmark
  public Match rules() {
    return match(rules, requests.of(draw()));
  }

  @Benchmark
  public Match overrides() {
    return match(overrides, requests.of(draw()));
  }

  @Benchmark
  public List<Descriptor> descriptorRequest() {
    return requests.descriptors(draw());
  }

  @Benchmark
  public List<DescriptorMatch> descriptors() {
    return match(requests.descriptors(draw()));
  }

  private int draw() {
    next = (next + 1) % drawn.length;
    return drawn[next];
  }

  private static Match match(RuleTable table, Map<String, String> request) {
    return table.domain("bench") instanceof Domain.OfRules domain
        ? domain.match(request)
        : Match.NONE;
  }

  private List<DescriptorMatch> match(List<Descriptor> request) {
    return descriptors.domain("bench") instanceof Domain.OfDescriptors domain
        ? domain.match(request)
        : List.of();
  }
}
