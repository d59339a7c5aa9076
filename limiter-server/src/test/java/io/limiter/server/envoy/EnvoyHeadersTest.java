package io.limiter.server.envoy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.Value;
import io.limiter.envoy.core.HeaderValue;
import io.limiter.envoy.service.RateLimitResponse;
import io.limiter.server.decide.DescriptorRequest.Leniency;
import io.limiter.server.header.HeaderGroup;
import io.limiter.server.header.HeaderNames;
import io.limiter.server.store.local.LocalCounterStore;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What Envoy is told beside the decision. The time stands still 1.5 seconds into a minute. */
class EnvoyHeadersTest {
  private static final long NOW = 1_800_000_000_000_000L + 1_500_000L;
  private static final String RULES =
      """
      domain: own
      rules:
        - { name: per-user, key: [user], algorithm: fixed-window, limit: 1, window: 1m }
        - { name: per-path, key: [path], algorithm: fixed-window, limit: 1, window: 1h }
      """;

  private static EnvoyAsked envoy(EnvoySettings settings, String file) throws IOException {
    return EnvoyAsked.of(new LocalCounterStore(() -> NOW), settings, file);
  }

  private static String header(RateLimitResponse response, String key) {
    return response.getResponseHeadersToAddList().stream()
        .filter(one -> one.getKey().equals(key))
        .map(HeaderValue::getValue)
        .collect(Collectors.joining(" | "));
  }

  @Test
  void aLimit_isToldOnce_thoughSeveralDescriptorsMeetItsDenial() throws IOException {
    try (EnvoyAsked envoy = envoy(EnvoySettings.DEFAULTS, RULES)) {
      envoy.ask("own", "user=alice");
      RateLimitResponse denied = envoy.ask("own", "user=alice", "user=alice path=/x");
      assertEquals("OVER_LIMIT: OVER_LIMIT(0) OVER_LIMIT(0)", EnvoyAsked.said(denied));
      assertEquals(
          "\"per-user\";q=1;w=60, \"per-path\";q=1;w=3600", header(denied, "RateLimit-Policy"));
      assertEquals("\"per-user\";r=0;t=59, \"per-path\";r=1", header(denied, "RateLimit"));
    }
  }

  @Test
  void ofTheCountersOfOneLimit_theStrictestIsTold() throws IOException {
    try (EnvoyAsked envoy = envoy(EnvoySettings.DEFAULTS, RULES)) {
      envoy.ask("own", "user=alice");
      RateLimitResponse denied = envoy.ask("own", "user=alice", "user=bob");
      assertEquals("OVER_LIMIT: OVER_LIMIT(0) OK(1)", EnvoyAsked.said(denied));
      assertEquals("\"per-user\";r=0;t=59", header(denied, "RateLimit"));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'', ''",
    "RATELIMIT, RateLimit-Policy RateLimit",
    "X_RATELIMIT, X-RateLimit-Limit X-RateLimit-Remaining X-RateLimit-Reset",
    "RATELIMIT_LIMIT, RateLimit-Limit RateLimit-Remaining RateLimit-Reset",
    "X_RATELIMIT_UNITS, X-RateLimit-Limit-Requests X-RateLimit-Remaining-Requests X-RateLimit-Reset-Requests",
    "X_RATELIMIT_USED, X-RateLimit-Used",
    "RETRY_AFTER, Retry-After",
    "RATELIMIT RETRY_AFTER, RateLimit-Policy RateLimit Retry-After"
  })
  void groupsOfHeaders_areSwitchedApart(String on, String told) throws IOException {
    Set<HeaderGroup> groups =
        Arrays.stream(on.split(" "))
            .filter(name -> !name.isEmpty())
            .map(HeaderGroup::valueOf)
            .collect(Collectors.toSet());
    EnvoySettings settings = EnvoySettings.DEFAULTS.withHeaders(groups).withMetadata(false);
    try (EnvoyAsked envoy = envoy(settings, RULES)) {
      envoy.ask("own", "user=alice");
      RateLimitResponse denied = envoy.ask("own", "user=alice");
      assertEquals(
          told,
          denied.getResponseHeadersToAddList().stream()
              .map(HeaderValue::getKey)
              .collect(Collectors.joining(" ")));
      assertEquals(false, denied.hasDynamicMetadata());
    }
  }

  @Test
  void namesOfTheirHeaders_areChosen_andTheResetIsInWholeSecondsFromNow() throws IOException {
    EnvoySettings settings =
        new EnvoySettings(
            Set.of(HeaderGroup.RATELIMIT_LIMIT),
            new HeaderNames("x-lim", "x-left", "x-reset"),
            /* metadata= */ false,
            Leniency.NONE,
            /* chargeOnDeny= */ false,
            TooLarge.DENY);
    try (EnvoyAsked envoy = envoy(settings, RULES)) {
      RateLimitResponse response = envoy.ask("own", "user=alice");
      assertEquals("1", header(response, "x-lim"));
      assertEquals("0", header(response, "x-left"));
      assertEquals("59", header(response, "x-reset"));
      assertEquals(3, response.getResponseHeadersToAddCount());
    }
  }

  @Test
  void whatCanNeverPass_isNotToBeTriedAgain() throws IOException {
    try (EnvoyAsked envoy = envoy(EnvoySettings.DEFAULTS, RULES)) {
      RateLimitResponse never = envoy.ask("own", "user=alice *2");
      assertEquals("OVER_LIMIT: OVER_LIMIT(1)", EnvoyAsked.said(never));
      assertEquals("", header(never, "Retry-After"));
      assertEquals("1", header(never, "X-RateLimit-Remaining"));
    }
  }

  @Test
  void names_areStringsOfStructuredFields() throws IOException {
    String file =
        """
        domain: d
        descriptors:
          - { key: k, rate_limit: { name: 'a"b\\c', unit: minute, requests_per_unit: 5 } }
          - { key: l, rate_limit: { name: "\\u00fc\\n", unit: minute, requests_per_unit: 5 } }
        """;
    try (EnvoyAsked envoy = envoy(EnvoySettings.DEFAULTS, file)) {
      assertEquals(
          "\"a\\\"b\\\\c\";q=5;w=60, \"%C3%BC%0A\";q=5;w=60",
          header(envoy.ask("d", "k=v", "l=v"), "RateLimit-Policy"));
    }
  }

  @Test
  void aDescriptor_isOneViolation_howeverManyOfItsQuotasAreUsedUp() throws IOException {
    EnvoySettings quotas =
        EnvoySettings.DEFAULTS.withHeaders(Set.of()).withLeniency(Leniency.QUOTA);
    try (EnvoyAsked envoy = envoy(quotas, RULES)) {
      envoy.ask("own", "user=alice path=/x");
      List<Value> violations =
          envoy
              .ask("own", "other=x", "user=alice path=/x")
              .getDynamicMetadata()
              .getFieldsOrThrow("quotaModeViolations")
              .getListValue()
              .getValuesList();
      assertEquals(List.of(Value.newBuilder().setNumberValue(1).build()), violations);
    }
  }
}
