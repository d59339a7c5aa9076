package io.limiter.server.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.rpc.Code;
import com.google.rpc.Status;
import io.limiter.server.access.Asker;
import io.limiter.server.api.ResponseCallback;
import io.limiter.server.decide.DecisionListener;
import io.limiter.server.decide.Limiter;
import io.limiter.server.decide.UnknownDomain;
import io.limiter.server.rules.file.RuleFiles;
import io.limiter.server.rules.profile.IncomingRequest;
import io.limiter.server.rules.table.RuleTable;
import io.limiter.server.store.local.LocalCounters;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What gateways are answered, whatever carries it. */
class GatewayApiTest {
  private static final String PROFILE =
      "authorize: { web: { domain: edge, attributes: { ip: client-address } } }";

  private static final IncomingRequest ASKED =
      new IncomingRequest() {
        @Override
        public String method() {
          return "GET";
        }

        @Override
        public String target() {
          return "/";
        }

        @Override
        public String header(String name) {
          return "198.51.100.7";
        }

        @Override
        public List<String> headers(String name) {
          return List.of("198.51.100.7");
        }

        @Override
        public String peer() {
          return "203.0.113.9";
        }

        @Override
        public long waitNanos() {
          return 0;
        }
      };

  private static RuleTable table(String... files) {
    List<RuleFiles.Source> sources = new ArrayList<>();
    for (String file : files) {
      sources.add(new RuleFiles.Source(sources.size() + ".yaml", file));
    }
    return RuleFiles.load(sources).table();
  }

  private static String rules(int limit) {
    return "domain: edge\nrules: [{ name: r, key: [ip], algorithm: sliding-log, limit: %d, window: 1m }]"
        .formatted(limit);
  }

  /** The status and the body, or the code of what failed. */
  private static String ask(RuleTable table, Limiter limiter) {
    List<String> answers = new ArrayList<>();
    new GatewayApi(() -> table, limiter)
        .authorize(
            Asker.ANYBODY,
            "web",
            ASKED,
            new ResponseCallback<>() {
              @Override
              public void onResponse(GatewayAnswer answer) {
                answers.add(answer.status() + " " + answer.problem());
              }

              @Override
              public void onFailure(Status status) {
                answers.add(Code.forNumber(status.getCode()) + " " + status.getMessage());
              }
            });
    assertEquals(1, answers.size());
    return answers.get(0);
  }

  private static Limiter limiter(RuleTable table, UnknownDomain unknown) {
    return new Limiter(() -> table, LocalCounters.now(), DecisionListener.NONE, unknown);
  }

  /** Another table may be in force by the time at which the question is asked. */
  @Test
  void profileAndRules_areOfOneTable() {
    Limiter later = limiter(table(rules(0)), UnknownDomain.ALLOW);
    assertEquals("200 ", ask(table(rules(1), PROFILE), later));
  }

  @Test
  void aProfileWithoutRules_isAnsweredAsTheOperatorChose() {
    RuleTable table = table(PROFILE);
    assertEquals("200 ", ask(table, limiter(table, UnknownDomain.ALLOW)));
    String denied = ask(table, limiter(table, UnknownDomain.DENY));
    assertEquals(
        "429 {\"type\":\"about:blank\",\"title\":\"Denied\",\"status\":429,"
            + "\"detail\":\"the domain of this profile has no rules\"}\n",
        denied);
    String error = ask(table, limiter(table, UnknownDomain.ERROR));
    assertTrue(error.startsWith("INVALID_ARGUMENT "), error);
  }

  @Test
  void aProfileWhoseFileHasProblems_isNotUnknown() {
    RuleTable table = table("authorize: { web: {} }");
    String answer = ask(table, limiter(table, UnknownDomain.ALLOW));
    assertEquals(
        "UNAVAILABLE rules_unreadable: profile \"web\" is not in force, for \"0.yaml\" has problems;"
            + " correct the file, see /rules",
        answer);
  }
}
