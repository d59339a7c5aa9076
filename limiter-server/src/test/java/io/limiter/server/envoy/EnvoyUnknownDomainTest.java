package io.limiter.server.envoy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.limiter.server.decide.UnknownDomain;
import io.limiter.server.store.local.LocalCounterStore;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** What Envoy is told of a domain that nobody wrote limits for, as the operator chose. */
class EnvoyUnknownDomainTest {
  private static final String KNOWN =
      """
      domain: known
      descriptors:
        - { key: path, rate_limit: { unit: minute, requests_per_unit: 5 } }
      """;

  private static EnvoyAsked envoy(UnknownDomain unknown) throws IOException {
    return EnvoyAsked.of(
        new LocalCounterStore(() -> 1_800_000_000_000_000L),
        EnvoySettings.DEFAULTS,
        unknown,
        KNOWN);
  }

  @Test
  void allowed_byDefault_asEnvoysOwnServiceDoes() throws IOException {
    try (EnvoyAsked envoy = envoy(UnknownDomain.ALLOW)) {
      assertEquals("OK: OK OK", envoy.said("konwn", "path=/a", "path=/b"));
    }
  }

  @Test
  void denied_asAWholeAndForEachDescriptor() throws IOException {
    try (EnvoyAsked envoy = envoy(UnknownDomain.DENY)) {
      assertEquals("OVER_LIMIT: OVER_LIMIT OVER_LIMIT", envoy.said("konwn", "path=/a", "path=/b"));
    }
  }

  @Test
  void refused_soThatItsFailureModeDecides() throws IOException {
    try (EnvoyAsked envoy = envoy(UnknownDomain.ERROR)) {
      StatusRuntimeException refused =
          assertThrows(StatusRuntimeException.class, () -> envoy.ask("konwn", "path=/a"));
      assertEquals(Status.Code.INVALID_ARGUMENT, refused.getStatus().getCode());
      assertEquals(
          "domain konwn has no rules here; check its spelling, or add its rules",
          refused.getStatus().getDescription());
    }
  }

  @Test
  void aDomainWithoutAMatchingDescriptor_isNoUnknownOne() throws IOException {
    try (EnvoyAsked envoy = envoy(UnknownDomain.DENY)) {
      assertEquals("OK: OK", envoy.said("known", "other=1"));
    }
  }
}
