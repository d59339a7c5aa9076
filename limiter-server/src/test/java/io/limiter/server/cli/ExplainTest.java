package io.limiter.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.util.JsonFormat;
import io.limiter.server.api.RateLimiterApi;
import io.limiter.server.api.RequestLimits;
import io.limiter.server.decide.DecisionListener;
import io.limiter.server.decide.Limiter;
import io.limiter.server.envoy.EnvoyApi;
import io.limiter.server.envoy.EnvoySettings;
import io.limiter.server.grpc.GrpcServer;
import io.limiter.server.rules.file.RuleFiles;
import io.limiter.server.rules.table.RuleTable;
import io.limiter.server.store.local.LocalCounterStore;
import io.limiter.v1.ExplainResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExplainTest {
  private static final String RULES =
      """
      domain: edge
      rules:
        - name: per-user
          key: [user]
          algorithm: fixed-window
          limit: 10
          window: 300d
          candidate: { limit: 5 }
          overrides:
            - when: { plan: gold }
              limit: 20
        - name: login
          when: { endpoint: POST /login, ip: "!10.0.0.0/8" }
          algorithm: sliding-log
          limit: 1
          window: 1m
        - name: gone
          algorithm: fixed-window
          limit: 0
          window: day
          mode: off
        - name: rolled
          key: [user]
          algorithm: token-bucket
          rate: 1/d
          enforce: 0.5%
      """;

  private static final String MESH =
      """
      domain: mesh
      descriptors:
        - key: path
          rate_limit: { unit: minute, requests_per_unit: 10 }
        - key: open
          rate_limit: { unlimited: true }
      """;

  @TempDir private Path folder;

  @BeforeEach
  void write() throws IOException {
    Files.writeString(folder.resolve("edge.yaml"), RULES);
    Files.writeString(folder.resolve("mesh.yaml"), MESH);
  }

  private CommandRun ofRules(String... more) {
    return run(List.of("--rules", folder.toString()), more);
  }

  private static CommandRun run(List<String> where, String... more) {
    List<String> line = new ArrayList<>(List.of("explain"));
    line.addAll(where);
    line.addAll(List.of(more));
    return CommandRun.of(line.toArray(String[]::new));
  }

  /** Keys without their tags, which are hashes. */
  private static String text(CommandRun run) {
    return run.out().replaceAll("\\{(\\w+)\\|\\w+}", "{$1}");
  }

  @Test
  void whatApplies_comesFirst_thenWhatDoesNotAndWhy() {
    CommandRun run = ofRules("--domain", "edge", "user=alice", "ip=10.1.2.3", "plan=gold");
    assertEquals("", run.err());
    assertEquals(
        """
        domain edge: 2 of 4 rules apply

        per-user  edge.yaml:3
          override 1 (line 10) decides
          enforce: fixed-window 20 per 300d
            state unknown: no Redis was asked
            limiter:{edge}:per-user:f:alice

        rolled  edge.yaml:22
          shadow (enforced for 0.5% of keys, not for this one): token-bucket 1/d, burst 1
            state unknown: no Redis was asked
            limiter:{edge}:rolled:t:alice

        does not apply:
          login  edge.yaml:12
            attribute endpoint is absent; it must be "POST /login"
            ip is "10.1.2.3", which "!10.0.0.0/8" excludes
          gone  edge.yaml:17
            mode: off
        """,
        text(run));
    assertEquals(0, run.exitCode());
  }

  @Test
  void theRulesOfAService_areExplainedWithTheirCounters() throws IOException {
    RuleTable table = RuleFiles.load(folder).table();
    LocalCounterStore store = new LocalCounterStore(() -> 1_766_666_400_000_000L);
    Limiter limiter = new Limiter(() -> table, store, DecisionListener.NONE);
    GrpcServer server =
        GrpcServer.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            new RateLimiterApi(limiter, RequestLimits.DEFAULTS),
            new EnvoyApi(limiter, EnvoySettings.DEFAULTS));
    try {
      List<String> there = List.of("--target", "127.0.0.1:" + server.port(), "--deadline", "30s");
      List<String> check = new ArrayList<>(List.of("check"));
      check.addAll(there);
      check.addAll(List.of("--domain", "edge", "--cost", "3", "user=alice"));
      assertEquals(0, CommandRun.of(check.toArray(String[]::new)).exitCode());
      for (int i = 0; i < 2; i++) {
        CommandRun run = run(there, "--domain", "edge", "user=alice", "endpoint=POST /login");
        assertEquals("", run.err());
        assertEquals(
            """
            domain edge: 3 of 4 rules apply

            per-user  edge.yaml:3
              enforce: fixed-window 10 per 300d
                7 of 10 requests left, window resets in 252d 12h
                limiter:{edge}:per-user:f:alice
              candidate: fixed-window 5 per 300d
                2 of 5 requests left, window resets in 252d 12h
                limiter:{edge}:per-user^:f:alice

            login  edge.yaml:12
              enforce: sliding-log 1 per 1m
                1 of 1 requests left
                limiter:{edge}:login:l:

            rolled  edge.yaml:22
              shadow (enforced for 0.5% of keys, not for this one): token-bucket 1/d, burst 1
                1 of 1 requests left
                limiter:{edge}:rolled:t:alice

            does not apply:
              gone  edge.yaml:17
                mode: off
            """,
            text(run));
        assertEquals(0, run.exitCode());
      }
      assertEquals(
          """
          domain mesh: 1 of 1 rule applies

          path  mesh.yaml:3
            "path=/x" meets descriptor "path" (line 3), by its key alone
            descriptor "path" (line 3) limits it
            enforce: fixed-window 10 per 1m
              10 of 10 requests left
              limiter:{mesh}:@:f:path=/x
          """,
          text(run(there, "--domain", "mesh", "path=/x")));
    } finally {
      server.shutdown(Duration.ZERO);
    }
  }

  @Test
  void aUnit_isNamed_alsoWhereNoCounterIsAskedFor() throws IOException {
    Path other = Files.createDirectory(folder.resolve("other"));
    Files.writeString(
        other.resolve("llm.yaml"),
        """
        domain: llm
        rules:
          - { name: budget, unit: tokens, algorithm: fixed-window, limit: 9, window: 1m }
        """);
    CommandRun run = CommandRun.of("explain", "--rules", other.toString(), "--domain", "llm");
    assertTrue(
        run.out().contains("enforce: fixed-window 9 per 1m, counts tokens\n"), run::toString);
  }

  @Test
  void nothingApplies_isSaid() {
    assertEquals(
        """
        domain mesh: nothing applies, the request is admitted

        does not apply:
          mesh.yaml:5
            "open=1" meets descriptor "open" (line 5), by its key alone
            descriptor "open" (line 5) says unlimited: true
        """,
        ofRules("--domain", "mesh", "open=1").out());
    CommandRun unknown = ofRules("--domain", "egde", "user=alice");
    assertEquals("domain egde is unknown: it has no rules; did you mean edge?\n", unknown.out());
    assertEquals(2, unknown.exitCode());
  }

  @Test
  void json_isTheWholeExplanation() throws IOException {
    CommandRun run = ofRules("--json", "--domain", "edge", "user=alice");
    ExplainResponse.Builder read = ExplainResponse.newBuilder();
    JsonFormat.parser().merge(run.out(), read);
    assertEquals(4, read.getRulesCount());
    assertEquals(64, read.getRulesHash().length(), read::toString);
    assertEquals("no Redis was asked", read.getRules(0).getCandidate().getUnknown());
    assertTrue(run.out().contains("\"rulesNotListed\": 0"), run::out);
  }

  @Test
  void problemsOfOtherFiles_areTold_andThoseOfItsOwn_endIt() throws IOException {
    Files.writeString(folder.resolve("mesh.yaml"), "domain: mesh\nrule: []\n");
    CommandRun edge = ofRules("--domain", "edge", "ip=::1");
    assertEquals(
        """
        limiter: mesh.yaml:1:1: rules is missing; add a list of rules, or rules: [] for none
        limiter: mesh.yaml:2:1: key "rule" is unknown; did you mean rules?
        """,
        edge.err());
    assertTrue(edge.out().startsWith("domain edge: nothing applies"), edge::out);
    assertEquals(0, edge.exitCode());
    CommandRun mesh = ofRules("--domain", "mesh", "path=/x");
    assertTrue(
        mesh.err()
            .endsWith(
                "limiter: domain mesh has problems, so there is nothing to explain; mend them first\n"),
        mesh::err);
    assertEquals("", mesh.out());
    assertEquals(2, mesh.exitCode());
  }

  @Test
  void aRedisThatIsAway_leavesTheRest() {
    CommandRun run =
        ofRules(
            "--redis", "redis://127.0.0.1:1", "--deadline", "50ms", "--domain", "mesh", "path=/x");
    assertTrue(
        run.out().contains("state unknown: the service is not connected to Redis"), run::out);
    assertEquals(0, run.exitCode());
  }

  @Test
  void noService_isExit2() {
    CommandRun run = run(List.of("--target", "127.0.0.1:1"), "--domain", "edge");
    assertTrue(run.err().contains("no answer from 127.0.0.1:1: "), run::err);
    assertEquals("", run.out());
    assertEquals(2, run.exitCode());
  }

  @Test
  void theEnvironment_namesRulesToo() {
    Map<String, String> environment =
        Map.of("LIMITER_RULES", folder.toString(), "LIMITER_DOMAIN", "mesh");
    CommandRun run = CommandRun.with(environment, "explain", "path=/x");
    assertTrue(run.out().startsWith("domain mesh: 1 of 1 rule applies"), run::out);
  }
}
