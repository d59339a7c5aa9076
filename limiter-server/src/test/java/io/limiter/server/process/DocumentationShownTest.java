package io.limiter.server.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Descriptors;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.util.JsonFormat;
import io.limiter.server.rules.file.RuleFiles;
import io.limiter.server.rules.yaml.Problem;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.RateLimiterGrpc;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What README.md and docs/ show is what the rules and the contract take. */
class DocumentationShownTest {
  private static final Documentation ALL = Documentation.read();

  /** What looks like a command and what it prints, but stands where no test runs it. */
  @Test
  void everyCommandWithItsOutput_isInAConsole() {
    for (Page page : ALL.pages()) {
      for (Page.Block block : page.blocks()) {
        boolean prompt =
            Pattern.compile("(?m)^\\s*\\$ (java -jar|bin/limiter) ").matcher(block.text()).find();
        assertTrue(!prompt || block.language().equals("console"), block::place);
      }
    }
  }

  @Test
  void everyQuestionOverGrpc_fitsTheContract() throws Exception {
    List<MatchResult> calls = ALL.find(Page.GRPCURL);
    assertEquals(ALL.find("^\\s*grpcurl ").size(), calls.size());
    for (MatchResult call : calls) {
      String[] method = call.group(2).split("/", -1);
      assertEquals(RateLimiterGrpc.SERVICE_NAME, method[0]);
      Descriptors.MethodDescriptor called =
          CheckAndConsumeRequest.getDescriptor()
              .getFile()
              .findServiceByName("RateLimiter")
              .findMethodByName(method[1]);
      assertNotNull(called, call::group);
      JsonFormat.parser().merge(call.group(1), DynamicMessage.newBuilder(called.getInputType()));
    }
  }

  @Test
  void rulesShown_areGood() {
    assertFalse(ALL.front().blocks("yaml").isEmpty());
    assertTrue(ALL.rules().size() > 5);
    for (Page page : ALL.pages()) {
      List<Page.Block> shown = page.blocks().stream().filter(Page.Block::isRules).toList();
      for (Page.Block rules : shown) {
        List<RuleFiles.Source> files = new ArrayList<>(List.of(source(rules.text())));
        shown.stream()
            .filter(block -> block.hasPrices() && !rules.hasPrices())
            .forEach(block -> files.add(new RuleFiles.Source("prices.yaml", block.text())));
        assertEquals(List.of(), RuleFiles.load(files).problems(), rules::place);
      }
    }
  }

  /** A domain that stands deeper is one that Envoy's own configuration names. */
  @Test
  void everyDomainShown_isOfRulesOrOfEnvoy() {
    for (Page page : ALL.pages()) {
      for (Page.Block block : page.blocks()) {
        if (block.language().equals("yaml") && block.text().contains("domain:")) {
          assertTrue(block.isRules() || block.isEnvoys(), block::place);
        }
      }
    }
  }

  @Test
  void everyFieldOfTheRules_isInTheReference() {
    String unknown =
        """
        qqqqqqqqqqqqqqqqqqqq: 1
        rules:
          - qqqqqqqqqqqqqqqqqqqq: 1
            ip-prefix: { qqqqqqqqqqqqqqqqqqqq: 1 }
            overrides: [{ qqqqqqqqqqqqqqqqqqqq: 1 }]
        """;
    Set<String> fields = fields(unknown, 4);
    assertTrue(
        fields.containsAll(
            Set.of("domain", "on-redis-failure", "v6", "unlimited", "when", "name")));
    assertEquals(Set.of(), missing("docs/rules.md", fields));
  }

  @Test
  void everyFieldOfPrices_isInTheReference() {
    Set<String> fields = fields("prices: p\nkey: model\nqqqqqqqqqqqqqqqqqqqq: 1\n", 1);
    assertEquals(Set.of("entries", "default"), fields);
    fields.addAll(Set.of("prices", "key"));
    assertEquals(Set.of(), missing("docs/rules.md", fields));
  }

  @Test
  void everyFieldOfAProfile_isInTheReference() {
    String unknown =
        """
        authorize:
          web:
            qqqqqqqqqqqqqqqqqqqq: 1
            attributes: { a: { qqqqqqqqqqqqqqqqqqqq: 1 }, b: { client-address: { qqqqqqqqqqqqqqqqqqqq: 1 } } }
            cost: { qqqqqqqqqqqqqqqqqqqq: 1 }
            on-denial: { qqqqqqqqqqqqqqqqqqqq: 1 }
            headers: { qqqqqqqqqqqqqqqqqqqq: 1 }
        """;
    Set<String> fields = fields(unknown, 6);
    fields.addAll(Set.of("attributes", "cost", "on-denial", "headers", "client-address"));
    assertTrue(
        fields.containsAll(
            Set.of("domain", "trusted-proxies", "v6", "most", "when-admitted", "never")));
    assertEquals(Set.of(), missing("docs/gateways.md", fields));
  }

  /** What unknown fields are told to be. A field that is there is not offered. */
  private static Set<String> fields(String unknown, int places) {
    List<Problem> problems =
        RuleFiles.load(List.of(source(unknown))).problems().stream()
            .filter(problem -> problem.message().startsWith("key "))
            .toList();
    assertEquals(places, problems.size());
    return problems.stream()
        .flatMap(problem -> Stream.of(problem.message().split("; use ", 2)[1].split(", | or ", -1)))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> missing(String page, Set<String> fields) {
    String reference = Documentation.page(page).text();
    Set<String> missing = new TreeSet<>(fields);
    missing.removeIf(
        field -> Pattern.compile("`%1$s`|[{,] %1$s: ".formatted(field)).matcher(reference).find());
    return missing;
  }

  private static RuleFiles.Source source(String rules) {
    return new RuleFiles.Source("shown.yaml", rules);
  }
}
