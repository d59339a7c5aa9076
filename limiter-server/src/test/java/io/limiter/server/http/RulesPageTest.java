package io.limiter.server.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.limiter.server.rules.file.LoadedRules;
import io.limiter.server.rules.file.RuleFiles;
import io.limiter.server.rules.live.LiveRules;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

class RulesPageTest {
  private static final String EDGE =
      """
      domain: edge
      rules:
        - { name: a, algorithm: sliding-log, limit: 1, window: 1s }
        - { name: b, algorithm: sliding-log, limit: 1, window: 1s, mode: "off" }
      """;
  private static final String ENVOY =
      """
      domain: envoy
      descriptors:
        - { key: k, rate_limit: { unit: second, requests_per_unit: 1 } }
      """;

  @Test
  void whatIsInForce_isSaidWithItsFileKindHashAndTime_andWhatIsWrongWithTheRest() {
    LoadedRules loaded =
        RuleFiles.load(
            List.of(
                new RuleFiles.Source("a.yaml", EDGE),
                new RuleFiles.Source("b.yaml", ENVOY),
                new RuleFiles.Source("c.yaml", "domain: c\nrules: \"nonsense\"\n")));
    Clock clock = Clock.fixed(Instant.parse("2026-11-24T01:02:03Z"), ZoneOffset.UTC);
    Page page = RulesPage.of(LiveRules.fixed(loaded, clock).state());
    assertEquals("application/json", page.contentType());
    assertEquals(
        """
        {
          "loaded_at": "2026-11-24T01:02:03Z",
          "hash": "b6d636961037cd6caca5606501115358abe1117a0715d740098b6005c5a900db",
          "domains": [
            {
              "domain": "edge",
              "file": "a.yaml",
              "kind": "rules",
              "rules": 2,
              "hash": "a210bda338bd573fe218fd4e1355e62cc4ae9b5a5bfec7931bcfb055d98cde38",
              "since": "2026-11-24T01:02:03Z"
            },
            {
              "domain": "envoy",
              "file": "b.yaml",
              "kind": "descriptors",
              "rules": 1,
              "hash": "0a4be8640835acc83fc17e2cbd9def24cde96563da387fb1588abc32ebd40e61",
              "since": "2026-11-24T01:02:03Z"
            }
          ],
          "problems": [
            "c.yaml:2:8: rules is a single value; use a list of rules, or [] for none"
          ],
          "last_attempt": {
            "at": "2026-11-24T01:02:03Z",
            "outcome": "bad",
            "hash": "0fef235401351fd82929460a69a11fb67bee3f25e1525bc1a43bff2ae2c693c5"
          }
        }
        """,
        page.body());
  }
}
