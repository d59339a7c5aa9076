package io.limiter.client.upstream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.client.upstream.UpstreamSaid.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the headers of upstreams mean, and that none of them does any harm. */
final class UpstreamSaidTest {
  /** Sun, 06 Nov 1994 08:49:37 GMT and 250 ms. */
  private static final Instant NOW = Instant.ofEpochMilli(784_111_777_250L);

  private static Map<String, List<String>> headers(String text) {
    Map<String, List<String>> headers = new TreeMap<>();
    for (String line : text.split(" / ", -1)) {
      int colon = line.indexOf(": ");
      headers.put(line.substring(0, colon), List.of(line.substring(colon + 2)));
    }
    return headers;
  }

  private static String said(int status, String headers) {
    UpstreamSaid said = UpstreamSaid.http(status, headers(headers), NOW);
    return said.observations().stream()
        .map(UpstreamSaidTest::shown)
        .collect(Collectors.joining(", "));
  }

  private static String shown(Observation one) {
    StringBuilder text = new StringBuilder(one.unit().isEmpty() ? "requests" : one.unit());
    one.limit().ifPresent(limit -> text.append(" of ").append(limit));
    one.remaining().ifPresent(left -> text.append(" left ").append(left));
    one.resetAfter().ifPresent(time -> text.append(" for ").append(time));
    one.blockedFor().ifPresent(time -> text.append(" blocked ").append(time));
    return text.toString();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        // Retry-After, RFC 9110.
        "Retry-After: 3                                     | requests blocked PT3S",
        "retry-after: 1.5                                   | requests blocked PT1.5S",
        "Retry-After: Sun, 06 Nov 1994 08:49:47 GMT         | requests blocked PT9.75S",
        "Retry-After: Sunday, 06-Nov-94 08:49:47 GMT        | requests blocked PT9.75S",
        "Retry-After: Sun Nov  6 08:49:47 1994              | requests blocked PT9.75S",
        "retry-after-ms: 250 / Retry-After: 9               | requests blocked PT0.25S",
        "retry-after-ms: soon / Retry-After: 9              | requests blocked PT9S",
        "x-ms-retry-after-ms: 20                            | requests blocked PT0.02S",
        // The draft, version 10, 07, and the triple of those before.
        "RateLimit: \"default\";r=50;t=30 / RateLimit-Policy: \"default\";q=100;w=60"
            + " | requests of 100 left 50 for PT30S",
        "RateLimit: \"a\";r=50;t=30, \"b;,\\\"\";r=9;t=3000 / RateLimit-Policy: \"b;,\\\"\";q=10;w=3600"
            + " | requests of 10 left 9 for PT50M",
        "RateLimit: \"t\";r=7;t=3 / RateLimit-Policy: \"t\";q=8;qu=\"content-bytes\""
            + " | content-bytes of 8 left 7 for PT3S",
        "RateLimit: \"x\";r=7 / RateLimit-Policy: \"x\";q=8;w=60 | requests of 8 left 7 for PT1M",
        "RateLimit: \"x\";r=7;t=0                           | ",
        "RateLimit: limit=100, remaining=50, reset=30       | requests of 100 left 50 for PT30S",
        "RateLimit-Limit: 100, 100;w=60 / RateLimit-Remaining: 3 / RateLimit-Reset: 7"
            + " | requests of 100 left 3 for PT7S",
        // Of no standard: a reset in seconds, since 1970 in s or ms, as a date, as a duration.
        "X-RateLimit-Limit: 60 / X-RateLimit-Remaining: 5 / X-RateLimit-Reset: 30"
            + " | requests of 60 left 5 for PT30S",
        "X-RateLimit-Remaining: 5 / X-RateLimit-Reset: 784111778 | requests left 5 for PT0.75S",
        "X-RateLimit-Remaining: 5 / X-RateLimit-Reset: 784111778.5 | requests left 5 for PT1.25S",
        "X-RateLimit-Remaining: 5 / X-RateLimit-Reset: 784111777300 | requests left 5 for PT0.05S",
        "X-RateLimit-Remaining: 5 / X-RateLimit-Reset: 784111777 | ",
        "X-RateLimit-Remaining: 5 / X-RateLimit-Reset: 1994-11-06T08:49:38Z"
            + " | requests left 5 for PT0.75S",
        "X-RateLimit-Remaining: 5 / X-RateLimit-Reset: 1994-11-06T09:49:38.5+01:00"
            + " | requests left 5 for PT1.25S",
        "X-RateLimit-Remaining: 5 / X-RateLimit-Reset: Sun, 06 Nov 1994 08:49:38 GMT"
            + " | requests left 5 for PT0.75S",
        "x-rate-limit-remaining: 5 / x-rate-limit-reset: 784111778 | requests left 5 for PT0.75S",
        "X-RateLimit-Remaining: 5 / X-RateLimit-Reset: 784111790 / X-RateLimit-Reset-After: 9.5"
            + " | requests left 5 for PT12.75S",
        // OpenAI.
        "x-ratelimit-limit-requests: 60 / x-ratelimit-remaining-requests: 59 /"
            + " x-ratelimit-reset-requests: 1s / x-ratelimit-limit-tokens: 150000 /"
            + " x-ratelimit-remaining-tokens: 149984 / x-ratelimit-reset-tokens: 6m0s"
            + " | requests of 60 left 59 for PT1S, tokens of 150000 left 149984 for PT6M",
        "x-ratelimit-remaining-tokens: 1 / x-ratelimit-reset-tokens: 20ms | tokens left 1 for PT0.02S",
        "x-ratelimit-remaining-tokens: 1 / x-ratelimit-reset-tokens: 1d2h3m4.5s"
            + " | tokens left 1 for PT26H3M4.5S",
        // Anthropic.
        "anthropic-ratelimit-requests-limit: 50 / anthropic-ratelimit-requests-remaining: 49 /"
            + " anthropic-ratelimit-requests-reset: 1994-11-06T08:49:39Z /"
            + " anthropic-ratelimit-input-tokens-remaining: 1000 /"
            + " anthropic-ratelimit-input-tokens-reset: 1994-11-06T08:50:00Z /"
            + " anthropic-ratelimit-output-tokens-remaining: 0 /"
            + " anthropic-ratelimit-output-tokens-reset: 1994-11-06T08:50:37.25Z"
            + " | requests of 50 left 49 for PT1.75S blocked PT1M, input_tokens left 1000 for PT22.75S,"
            + " output_tokens left 0 for PT1M",
        // Several statements about one unit: the one that leaves least, and of those the longest.
        "X-RateLimit-Remaining: 5 / X-RateLimit-Reset: 30 / RateLimit: \"x\";r=2;t=9"
            + " | requests left 2 for PT9S",
        "X-RateLimit-Remaining: 5 / X-RateLimit-Reset: 30 / RateLimit: \"x\";r=5;t=90"
            + " | requests left 5 for PT1M30S",
        // Without a time to come again, what is used up says when.
        "X-RateLimit-Limit: 9 / X-RateLimit-Remaining: 0 / X-RateLimit-Reset: 4"
            + " | requests of 9 left 0 for PT4S blocked PT4S",
        "X-RateLimit-Limit: 9                               | requests of 9",
      })
  void everyForm_isRead(String headers, String expected) {
    assertEquals(expected == null ? "" : expected, said(429, headers));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Retry-After: -1",
        "Retry-After: 0",
        "Retry-After: NaN",
        "Retry-After: Infinity",
        "Retry-After: 1e30",
        "Retry-After: 0x10",
        "Retry-After: 5 minutes",
        "Retry-After: Sun, 06 Nov 1994 08:49:00 GMT",
        "Retry-After: Sun, 99 Nov 1994 08:49:00 GMT",
        "Retry-After: ",
        "retry-after-ms: -5",
        "X-RateLimit-Limit: 1000000000000000000000000000000",
        "X-RateLimit-Limit: -5",
        "X-RateLimit-Limit: 0",
        "X-RateLimit-Limit: unlimited",
        "X-RateLimit-Remaining: 5",
        "X-RateLimit-Remaining: -1 / X-RateLimit-Reset: 30",
        "X-RateLimit-Remaining: 9999999999999999 / X-RateLimit-Reset: 30",
        "X-RateLimit-Remaining: 5 / X-RateLimit-Reset: -30",
        "X-RateLimit-Remaining: 5 / X-RateLimit-Reset: 99999999",
        "X-RateLimit-Remaining: 5 / X-RateLimit-Reset: 99999999999999999999999",
        "X-RateLimit-Remaining: 5 / X-RateLimit-Reset: 2031-01-01T00:00:00Z",
        "X-RateLimit-Remaining: 5 / X-RateLimit-Reset: 6m 0s",
        "X-RateLimit-Remaining: 5 / X-RateLimit-Reset: 5y",
        "RateLimit: \"default\";r=-5;t=30",
        "RateLimit: \"default\";r;t",
        "RateLimit: \"default",
        "RateLimit: \"\\",
        "RateLimit: ;;;,,,===",
      })
  void whatMakesNoSense_saysNothing(String headers) {
    assertEquals("", said(429, headers));
  }

  @Test
  void longTimes_areCut() {
    String cut = "requests blocked PT8784H";
    assertEquals(cut, said(429, "Retry-After: " + "9".repeat(40)));
    assertEquals(cut, said(429, "Retry-After: Fri, 31 Dec 9999 23:59:59 GMT"));
    assertEquals(cut, said(429, "retry-after-ms: " + "9".repeat(40)));
    assertEquals(
        "tokens left 1 for PT8784H",
        said(
            429,
            "x-ratelimit-remaining-tokens: 1 / x-ratelimit-reset-tokens: 999999999999999999d"));
  }

  @Test
  void dates_areJudgedByTheResponsesOwn() {
    String reset = "X-RateLimit-Remaining: 5 / X-RateLimit-Reset: 784111800 / Date: ";
    // Within that second, the clock of this machine says where.
    assertEquals(
        "requests left 5 for PT22.75S", said(200, reset + "Sun, 06 Nov 1994 08:49:37 GMT"));
    // This machine is behind, or ahead.
    assertEquals("requests left 5 for PT10S", said(200, reset + "Sun, 06 Nov 1994 08:49:50 GMT"));
    assertEquals("requests left 5 for PT1M59S", said(200, reset + "Sun, 06 Nov 1994 08:48:00 GMT"));
    assertEquals("requests left 5 for PT22.75S", said(200, reset + "yesterday"));
    assertEquals(
        "requests blocked PT1H",
        said(
            503,
            "Retry-After: Wed, 21 Oct 2015 08:28:00 GMT / Date: Wed, 21 Oct 2015 07:28:00 GMT"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "200 | Retry-After: 3 | ANSWERED    | ",
        "301 | Retry-After: 3 | ANSWERED    | ",
        "404 | Retry-After: 3 | ANSWERED    | ",
        "429 | Retry-After: 3 | REFUSED     | requests blocked PT3S",
        "503 | Retry-After: 3 | UNAVAILABLE | requests blocked PT3S",
        "529 | Retry-After: 3 | UNAVAILABLE | requests blocked PT3S",
        "500 | Retry-After: 3 | FAILED      | ",
        "403 | Retry-After: 3 | ANSWERED    | ",
        "403 | Retry-After: 3 / x-ratelimit-resource: core | REFUSED | requests blocked PT3S",
        "403 | x-ratelimit-remaining: 0 / x-ratelimit-reset: 784111778 / x-ratelimit-resource: core"
            + " | REFUSED | requests left 0 for PT0.75S blocked PT0.75S",
        "403 | x-ratelimit-remaining: 9 / x-ratelimit-reset: 784111778 / x-ratelimit-resource: core"
            + " | ANSWERED | requests left 9 for PT0.75S",
        "200 | x-ratelimit-remaining: 0 / x-ratelimit-reset: 9 | ANSWERED | requests left 0 for PT9S",
      })
  void theStatus_saysWhatBecameOfTheCall(
      int status, String headers, Outcome outcome, String expected) {
    assertEquals(outcome, UpstreamSaid.http(status, headers(headers), NOW).outcome());
    assertEquals(expected == null ? "" : expected, said(status, headers));
  }

  @Test
  void aMapOfAnyKind_isRead() {
    Map<String, List<String>> headers = new HashMap<>();
    headers.put(null, List.of("HTTP/1.1 429"));
    headers.put("Via", null);
    headers.put("X-RateLimit-Limit", List.of());
    headers.put("RATELIMIT", List.of("\"a\";r=5;t=3", "\"b\";r=4;t=2"));
    headers.put("x-ratelimit-limit-tokens", List.of("9," + "9".repeat(5_000)));
    assertEquals(
        List.of(Observation.remaining(4, Duration.ofSeconds(2))),
        UpstreamSaid.http(200, headers, NOW).observations());
  }

  @Test
  void whatever_isThere_nothingIsThrown() {
    List<String> names =
        List.of(
            "Date",
            "Retry-After",
            "retry-after-ms",
            "RateLimit",
            "RateLimit-Policy",
            "RateLimit-Limit",
            "RateLimit-Remaining",
            "RateLimit-Reset",
            "X-RateLimit-Limit",
            "X-RateLimit-Remaining",
            "X-RateLimit-Reset",
            "x-ratelimit-remaining-tokens",
            "x-ratelimit-reset-tokens",
            "anthropic-ratelimit-requests-reset",
            "anthropic-ratelimit-requests-remaining");
    List<String> pieces =
        List.of(
            "0",
            "1",
            "9",
            "99999999999",
            "-",
            ".",
            ";",
            ",",
            "=",
            "\"",
            "\\",
            "r",
            "t",
            "q",
            "w",
            "limit",
            "remaining",
            "reset",
            "ms",
            "s",
            "d",
            "\u00b5s",
            "T",
            "Z",
            ":",
            " ",
            "GMT",
            "1994-11-06T08:49:38",
            "Sun, 06 Nov 1994 08:49:37",
            "NaN",
            "\u0000",
            "\ud800",
            "1e9");
    for (int seed = 0; seed < 20_000; seed++) {
      Random random = new Random(seed);
      Map<String, List<String>> headers = new HashMap<>();
      for (int i = 0; i < 5; i++) {
        String value =
            random
                .ints(random.nextInt(9), 0, pieces.size())
                .mapToObj(pieces::get)
                .collect(Collectors.joining());
        headers.put(names.get(random.nextInt(names.size())), Collections.singletonList(value));
      }
      int status = Arrays.asList(200, 403, 429, 503).get(random.nextInt(4));
      try {
        UpstreamSaid.http(status, headers, NOW);
      } catch (RuntimeException thrown) {
        throw new AssertionError("seed " + seed + ": " + headers, thrown);
      }
    }
  }

  @Test
  void anObservation_isCheckedWithTheRemedy() {
    assertEquals(
        "blockedFor PT8784H0.000000001S is not within 1 ns and 366 days; leave it out if it is not"
            + " known",
        assertThrows(
                IllegalArgumentException.class,
                () -> Observation.blocked(Observation.LONGEST.plusNanos(1)))
            .getMessage());
    assertEquals(
        "remaining -1 is not within 0 and 2^52; leave it out if it is not known",
        assertThrows(
                IllegalArgumentException.class,
                () -> Observation.remaining(-1, Duration.ofSeconds(1)))
            .getMessage());
    assertThrows(
        IllegalArgumentException.class,
        () -> Observation.blocked(Duration.ofSeconds(1)).withLimit(0));
    assertTrue(Observation.blocked(Observation.LONGEST).remaining().isEmpty());
  }
}
