package io.limiter.server.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.google.common.hash.Hashing;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.limiter.server.rules.file.LoadedRules;
import io.limiter.server.rules.file.RuleFiles;
import io.limiter.server.rules.live.LiveRules;
import java.nio.charset.StandardCharsets;
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
                new RuleFiles.Source("b.yaml", ENVOY + "---\n"),
                new RuleFiles.Source("c.yaml", "domain: c\nrules: \"nonsense\"\n")));
    Clock clock = Clock.fixed(Instant.parse("2026-11-24T01:02:03Z"), ZoneOffset.UTC);
    Page page = RulesPage.of(LiveRules.fixed(loaded, clock).state());
    assertEquals("application/json", page.contentType());
    assertEquals(
        """
        {
          "loaded_at": "2026-11-24T01:02:03Z",
          "hash": "b019ef79e6426343153d737a85d710f666501d36721ad38d66fd0e7772945187",
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
              "hash": "25bf74077bb8c55c3a68f00de1eca470d52f120de2815e8075ea812c60ea0f96",
              "since": "2026-11-24T01:02:03Z"
            }
          ],
          "profiles": [],
          "prices": [],
          "problems": [
            "c.yaml:2:8: rules is a single value; use a list of rules, or [] for none"
          ],
          "warnings": [
            "b.yaml:5:1: the file holds a second document, which is ignored; use another file"
          ],
          "left_out": [],
          "unreadable_domains": [
            "c"
          ],
          "unreadable_profiles": [],
          "last_attempt": {
            "at": "2026-11-24T01:02:03Z",
            "outcome": "bad",
            "hash": "d6bd488f4acac0acfad2d133369c966592c3a4a9410d7ea7e1da6b420b09d2cf"
          }
        }
        """,
        page.body());
  }

  @Test
  void pricesInUse_areSaidWithTheirFileAndHash_andWhoIsChargedByThem() {
    String prices = "prices: %s\nkey: model\nentries: { a: { t: 1 } }\ndefault: { t: 2 }\n";
    LoadedRules loaded =
        RuleFiles.load(
            List.of(
                new RuleFiles.Source(
                    "ai.yaml",
                    """
                    domain: ai
                    rules:
                      - { name: r, algorithm: fixed-window, limit: 5, window: 1m, unit: u, charge: models }
                    """),
                new RuleFiles.Source("edge.yaml", EDGE),
                new RuleFiles.Source("models.yaml", prices.formatted("models")),
                new RuleFiles.Source("unused.yaml", prices.formatted("unused"))));
    JsonObject page =
        JsonParser.parseString(
                RulesPage.of(LiveRules.fixed(loaded, Clock.systemUTC()).state()).body())
            .getAsJsonObject();
    String hash =
        Hashing.sha256().hashString(prices.formatted("models"), StandardCharsets.UTF_8).toString();
    assertEquals(
        "[{\"prices\":\"models\",\"file\":\"models.yaml\",\"hash\":\"%s\"}]".formatted(hash),
        page.get("prices").toString());
    JsonArray domains = page.getAsJsonArray("domains");
    assertEquals("[\"models\"]", domains.get(0).getAsJsonObject().get("prices").toString());
    assertFalse(domains.get(1).getAsJsonObject().has("prices"));
    assertEquals(1, page.getAsJsonArray("warnings").size(), "nobody names the other list");
  }
}
