package io.limiter.server.decide;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.LeakyBucket;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.SlidingCounter;
import io.limiter.algorithm.SlidingLog;
import io.limiter.algorithm.TokenBucket;
import io.limiter.ledger.FailureMode;
import io.limiter.server.key.Keying;
import io.limiter.server.key.ValueHash;
import io.limiter.server.rules.Rule;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FingerprintTest {

  @Test
  void questionsThatDiffer_haveDifferentFingerprints() {
    List<Request> different =
        List.of(
            request("d", Map.of(), 1, Map.of()),
            request("da", Map.of(), 1, Map.of()),
            request("d", Map.of("a", ""), 1, Map.of()),
            request("d", Map.of("", "a"), 1, Map.of()),
            request("d", Map.of("a", "b"), 1, Map.of()),
            request("d", Map.of("ab", ""), 1, Map.of()),
            request("d", Map.of("a", "b", "c", "d"), 1, Map.of()),
            request("d", Map.of("a", "bcd"), 1, Map.of()),
            request("d", Map.of(), 2, Map.of()),
            request("d", Map.of(), 0, Map.of()),
            request("d", Map.of(), 1, Map.of("t", 1L)),
            request("d", Map.of(), 1, Map.of("t", 2L)),
            request("d", Map.of(), 1, Map.of("u", 1L)),
            inline("r", List.of(), "", new SlidingLog(5, 1_000_000)),
            inline("s", List.of(), "", new SlidingLog(5, 1_000_000)),
            inline("r", List.of("a"), "", new SlidingLog(5, 1_000_000)),
            inline("r", List.of("a", "b"), "", new SlidingLog(5, 1_000_000)),
            inline("r", List.of(), "a", new SlidingLog(5, 1_000_000)),
            inline("r", List.of(), "", new SlidingLog(6, 1_000_000)),
            inline("r", List.of(), "", new SlidingLog(5, 2_000_000)),
            inline("r", List.of(), "", new SlidingCounter(5, 1_000_000)),
            inline("r", List.of(), "", FixedWindow.per(1_000_000, 5)),
            inline("r", List.of(), "", FixedWindow.per(2_000_000, 5)),
            inline("r", List.of(), "", TokenBucket.of(1, 1_000_000, 5)),
            inline("r", List.of(), "", TokenBucket.of(1, 2_000_000, 5)),
            inline("r", List.of(), "", TokenBucket.of(2, 1_000_000, 5)),
            inline("r", List.of(), "", TokenBucket.of(1, 1_000_000, 6)),
            inline("r", List.of(), "", LeakyBucket.of(1, 1_000_000, 5)));
    Set<String> prints = new HashSet<>();
    different.forEach(request -> prints.add(Fingerprint.of(request, ValueHash.PLAIN)));
    assertEquals(different.size(), prints.size());
  }

  @Test
  void orderOfAttributesAndUnits_doesNotMatter() {
    Map<String, String> forth = new LinkedHashMap<>();
    Map<String, String> back = new LinkedHashMap<>();
    for (int i = 0; i < 20; i++) {
      forth.put("a" + i, "v" + i);
      back.put("a" + (19 - i), "v" + (19 - i));
    }
    assertEquals(
        Fingerprint.of(request("d", forth, 1, Map.of("t", 1L, "u", 2L)), ValueHash.PLAIN),
        Fingerprint.of(request("d", back, 1, Map.of("u", 2L, "t", 1L)), ValueHash.PLAIN));
  }

  @Test
  void form_isTheOneThatOtherInstancesWrite() {
    Request request = request("edge", Map.of("user", "alice"), 2, Map.of("tokens", 1500L));
    assertEquals("2F30aa1iZL-EJ3ohVo1hGw", Fingerprint.of(request, ValueHash.PLAIN));
  }

  private static Request request(
      String domain, Map<String, String> attributes, long cost, Map<String, Long> unitCosts) {
    return new Request(domain, attributes, cost, unitCosts, List.of(), false, "k");
  }

  private static Request inline(String name, List<String> key, String unit, Limit limit) {
    Rule rule =
        new Rule(name, key, limit, Rule.Mode.ENFORCE, unit, Keying.INLINE, FailureMode.LOCAL);
    return new Request("d", Map.of(), 1, Map.of(), List.of(rule), false, "k");
  }
}
