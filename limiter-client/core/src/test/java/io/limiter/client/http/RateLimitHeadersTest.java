package io.limiter.client.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.limiter.client.Algorithm;
import io.limiter.client.Decision;
import io.limiter.client.RuleStatus;
import io.limiter.client.RuleStatus.Admits;
import io.limiter.client.RuleStatus.Denies;
import io.limiter.client.RuleStatus.NeverAdmits;
import io.limiter.client.RuleStatus.Quota;
import io.limiter.client.Source;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Callers are told of limits that can deny, in whole seconds and as structured fields. */
class RateLimitHeadersTest {

  private static RuleStatus status(
      String rule,
      Algorithm algorithm,
      boolean shadow,
      long limit,
      long remaining,
      Duration reset,
      RuleStatus.Outcome outcome) {
    Quota quota = new Quota(limit, remaining, reset, Duration.ofMillis(59_001));
    return new RuleStatus(rule, algorithm, "", shadow, false, quota, outcome);
  }

  private static RuleStatus admits(String rule, long remaining) {
    return status(
        rule, Algorithm.SLIDING_LOG, false, 10, remaining, Duration.ofMillis(2_001), new Admits());
  }

  private static RuleStatus denies(String rule, Algorithm algorithm, Duration wait) {
    return status(rule, algorithm, false, 10, 0, Duration.ofSeconds(30), new Denies(wait));
  }

  private static Decision admitted(RuleStatus... statuses) {
    return new Decision.Admitted(Source.REDIS, List.of(statuses), Duration.ZERO, Optional.empty());
  }

  private static Decision denied(Optional<Duration> wait, RuleStatus... statuses) {
    return new Decision.Denied(Source.REDIS, List.of(statuses), wait);
  }

  @Test
  void everyEnforcedRule_isShown_andTheStrictestInX() {
    Decision decision = admitted(admits("wide", 7), admits("narrow", 3), admits("wide", 9));
    Map<String, String> headers = RateLimitHeaders.of(decision);
    assertEquals(
        List.of(
            "RateLimit-Policy",
            "RateLimit",
            "X-RateLimit-Limit",
            "X-RateLimit-Remaining",
            "X-RateLimit-Reset"),
        List.copyOf(headers.keySet()));
    assertEquals("\"wide\";q=10;w=60, \"narrow\";q=10;w=60", headers.get("RateLimit-Policy"));
    assertEquals("\"wide\";r=7;t=3, \"narrow\";r=3;t=3", headers.get("RateLimit"));
    assertEquals("10", headers.get("X-RateLimit-Limit"));
    assertEquals("3", headers.get("X-RateLimit-Remaining"));
    assertEquals("3", headers.get("X-RateLimit-Reset"));
    assertThrows(UnsupportedOperationException.class, () -> headers.put("a", "b"));
  }

  @Test
  void shadow_isNotShown() {
    RuleStatus shadow =
        status(
            "s",
            Algorithm.SLIDING_LOG,
            true,
            1,
            0,
            Duration.ofSeconds(1),
            new Denies(Duration.ofSeconds(1)));
    assertEquals(Map.of(), RateLimitHeaders.of(admitted(shadow)));
    assertEquals(
        "\"r\";r=4;t=3", RateLimitHeaders.of(admitted(shadow, admits("r", 4))).get("RateLimit"));
  }

  @Test
  void retryAfter_isRoundedUp_andMissingWhenNever() {
    Duration wait = Duration.ofMillis(4_001);
    Map<String, String> later =
        RateLimitHeaders.of(denied(Optional.of(wait), denies("r", Algorithm.TOKEN_BUCKET, wait)));
    assertEquals("5", later.get("Retry-After"));
    assertEquals("5", later.get("X-RateLimit-Reset"));
    Duration whole = Duration.ofSeconds(4);
    Map<String, String> fixed =
        RateLimitHeaders.of(denied(Optional.of(whole), denies("r", Algorithm.FIXED_WINDOW, whole)));
    assertEquals("4", fixed.get("Retry-After"));
    assertEquals("30", fixed.get("X-RateLimit-Reset"));
    RuleStatus never =
        status("n", Algorithm.TOKEN_BUCKET, false, 2, 2, Duration.ZERO, new NeverAdmits());
    Map<String, String> headers = RateLimitHeaders.of(denied(Optional.empty(), never));
    assertEquals(null, headers.get("Retry-After"));
    assertEquals("\"n\";r=2", headers.get("RateLimit"));
  }

  @Test
  void aName_isQuotedAsAStructuredField() {
    assertEquals(
        "\"a\\\"b\\\\c %C3%A9%0A\";r=1;t=3",
        RateLimitHeaders.of(admitted(admits("a\"b\\c é\n", 1))).get("RateLimit"));
  }

  @Test
  void aWindowUnderASecond_isShownAsOne() {
    RuleStatus status =
        new RuleStatus(
            "r",
            Algorithm.UNKNOWN,
            "",
            false,
            false,
            new Quota(1, 1, Duration.ZERO, Duration.ofMillis(1)),
            new Admits());
    assertEquals("\"r\";q=1;w=1", RateLimitHeaders.of(admitted(status)).get("RateLimit-Policy"));
  }

  @Test
  void aDenial_namesTheRulesThatDeny() {
    Duration wait = Duration.ofSeconds(1);
    HttpDenial denial =
        HttpDenial.of(
            denied(
                Optional.of(wait),
                admits("open", 1),
                denies("sh\"ut\u0001\ud800", Algorithm.TOKEN_BUCKET, wait)));
    assertEquals(429, denial.status());
    assertEquals(
        "{\"type\":\"https://iana.org/assignments/http-problem-types#quota-exceeded\","
            + "\"title\":\"Request cannot be satisfied as assigned quota has been exceeded\","
            + "\"status\":429,\"violated-policies\":[\"sh\\\"ut\\u0001\\ud800\"]}",
        denial.json());
    assertThrows(IllegalArgumentException.class, () -> HttpDenial.of(admitted()));
  }

  @Test
  void aServiceThatCouldNotDecide_isUnavailable() {
    HttpDenial denial =
        HttpDenial.of(new Decision.Denied(Source.FAIL_CLOSED, List.of(), Optional.empty()));
    assertEquals(503, denial.status());
    assertEquals(
        "{\"type\":\"https://iana.org/assignments/http-problem-types#temporary-reduced-capacity\","
            + "\"title\":\"Request cannot be satisfied due to temporary server capacity"
            + " constraints\",\"status\":503}",
        denial.json());
    assertEquals(Map.of(), denial.headers());
  }

  @Test
  void aWindowThatHasNoEnd_hasNoTimes() {
    Quota quota = new Quota(10, 0, Duration.ZERO, Duration.ZERO);
    RuleStatus status =
        new RuleStatus(
            "prepaid", Algorithm.FIXED_WINDOW, "", false, false, quota, new RuleStatus.Exhausted());
    assertEquals(
        Map.of(
            "RateLimit-Policy", "\"prepaid\";q=10",
            "RateLimit", "\"prepaid\";r=0",
            "X-RateLimit-Limit", "10",
            "X-RateLimit-Remaining", "0"),
        RateLimitHeaders.of(denied(Optional.empty(), status)));
  }
}
