package io.limiter.jmh.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.Algorithm;
import io.limiter.jmh.load.flags.TrafficFlags;
import io.limiter.jmh.load.service.Words;
import io.limiter.jmh.load.traffic.Question;
import io.limiter.jmh.load.traffic.RuleSet;
import io.limiter.server.rules.Domain;
import io.limiter.server.rules.Rule;
import io.limiter.server.rules.file.LoadedRules;
import io.limiter.server.rules.file.RuleFiles;
import io.limiter.server.rules.table.RuleTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RuleDomainTest {
  private static final long OUT_OF_REACH = 50_000_000;

  @TempDir private Path directory;

  @ParameterizedTest
  @EnumSource
  void allRules_applyToAQuestion_andNothingReachesThem(Algorithm algorithm) throws IOException {
    for (int rules : new int[] {1, 3, 8}) {
      TrafficFlags traffic = flags("--algorithm=%s --rules=%d".formatted(algorithm.label(), rules));
      List<Rule> met = met(traffic, traffic.open());

      assertEquals(rules, met.size());
      assertTrue(met.stream().allMatch(rule -> rule.limit().algorithm() == algorithm));
      assertTrue(met.stream().allMatch(rule -> rule.limit().limit() >= OUT_OF_REACH));
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatIsToBeDenied_isDeniedByOneRule(Algorithm algorithm) throws IOException {
    TrafficFlags traffic = flags("--denied=1 --rules=2 --algorithm=" + algorithm.label());
    List<Rule> met = met(traffic, traffic.usedUp());

    assertEquals(2, met.size());
    assertEquals(1, met.get(0).limit().limit());
    assertTrue(met.get(1).limit().limit() >= OUT_OF_REACH);
  }

  @Test
  void withLease_oneRuleHasOne() throws IOException {
    TrafficFlags traffic = flags("--lease --rules=2");
    List<Rule> met = met(traffic, traffic.open());

    assertEquals(
        List.of(true, false), met.stream().map(rule -> rule.sharing().lease() != null).toList());
  }

  @Test
  void amongManyRules_thoseOfThePlanApply_andEachKeyHasOne() throws IOException {
    TrafficFlags traffic = flags("--domain-rules=12 --rules=3 --denied=1");
    RuleSet.write(directory, traffic.domains());
    RuleTable table = read();
    Question question = traffic.usedUp();

    assertEquals(12, table.ruleCount(question.domain()));
    for (int key = 0; key < 9; key++) {
      List<Rule> met = rules(table, question.domain(), question.attributes(key));
      int first = key % 4 * 3;

      assertEquals(
          List.of("rule-" + (first + 1), "rule-" + (first + 2), "rule-" + (first + 3)),
          met.stream().map(Rule::name).toList());
      assertEquals(1, met.get(0).limit().limit());
      assertTrue(met.get(1).limit().limit() >= OUT_OF_REACH);
    }
  }

  @Test
  void asManyRulesAsAllowed_fitAFile() throws IOException {
    TrafficFlags traffic = flags("--domain-rules=" + RuleSet.MOST_IN_DOMAIN);
    RuleSet.write(directory, traffic.domains());

    assertEquals(RuleSet.MOST_IN_DOMAIN, read().ruleCount(traffic.open().domain()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "--lease --rules 2", "--domain-rules 20", "--kind envoy", "--domain mine"})
  void writeRules_writesWhatIsAskedAbout_andAllWithoutLeases(String given) throws IOException {
    LoadFlags flags =
        LoadFlags.parse(Words.of(given + " --write-rules " + directory).toArray(String[]::new));
    assertEquals(0, Load.run(System.out, System.err, flags.own().toArray(String[]::new)));

    Set<String> written = read().domains();
    flags.traffic.domains().forEach(domain -> assertTrue(written.contains(domain.name())));
    RuleSet.withoutLeases().forEach(domain -> assertTrue(written.contains(domain.name())));
    assertTrue(written.contains("load-envoy"));
  }

  private static TrafficFlags flags(String given) {
    return LoadFlags.parse(Words.of(given).toArray(String[]::new)).traffic;
  }

  /** Of the rules that are written for a run with these flags, those that the question meets. */
  private List<Rule> met(TrafficFlags traffic, Question question) throws IOException {
    RuleSet.write(directory, traffic.domains());
    Map<String, String> attributes = question.message().getAttributesMap();
    assertEquals(Set.of("user"), attributes.keySet());
    return rules(read(), question.domain(), attributes);
  }

  private static List<Rule> rules(RuleTable table, String domain, Map<String, String> attributes) {
    return assertInstanceOf(Domain.OfRules.class, table.domain(domain)).match(attributes).rules();
  }

  private RuleTable read() throws IOException {
    LoadedRules loaded = RuleFiles.load(directory);
    assertEquals(List.of(), loaded.problems());
    return loaded.table();
  }
}
