package io.limiter.server.envoy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UInt64Value;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.limiter.envoy.descriptor.RateLimitDescriptor;
import io.limiter.envoy.descriptor.RateLimitDescriptor.RateLimitOverride;
import io.limiter.envoy.service.RateLimitRequest;
import io.limiter.envoy.service.RateLimitResponse;
import io.limiter.server.store.StoreException;
import io.limiter.server.store.StubCounterStore;
import io.limiter.server.store.local.LocalCounters;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Statuses that Envoy can act on, whatever is asked and whatever fails. */
class EnvoyErrorsTest {
  private static final long SEED = 42;
  private static final String RULES =
      """
      domain: d
      descriptors:
        - { key: k, rate_limit: { unit: minute, requests_per_unit: 5 } }
        - { key: k, value: "*", rate_limit: { unit: day, requests_per_unit: 0, name: n } }
      """;
  private static final String OWN =
      """
      domain: own
      rules:
        - { name: r, key: [k], algorithm: sliding-log, limit: 5, window: 1m }
        - { name: s, algorithm: sliding-counter, limit: 4503599627, window: 1s }
      """;

  private static RateLimitRequest.Builder request(RateLimitDescriptor.Builder descriptor) {
    return RateLimitRequest.newBuilder().setDomain("d").addDescriptors(descriptor);
  }

  private static String refused(EnvoyAsked envoy, RateLimitRequest.Builder request) {
    StatusRuntimeException refused =
        assertThrows(StatusRuntimeException.class, () -> envoy.ask(request.build()));
    assertEquals(Status.Code.INVALID_ARGUMENT, refused.getStatus().getCode());
    return String.valueOf(refused.getStatus().getDescription());
  }

  @Test
  void aWrongRequest_isRefused_withFieldAndBound() throws IOException {
    try (EnvoyAsked envoy = EnvoyAsked.of(LocalCounters.now(), EnvoySettings.DEFAULTS, RULES)) {
      RateLimitDescriptor.Builder good = EnvoyAsked.descriptor("k=v");
      assertTrue(refused(envoy, request(good).setDomain("")).contains("domain"));
      assertTrue(refused(envoy, request(good).clearDescriptors()).contains("descriptors is empty"));
      assertTrue(
          refused(
                  envoy,
                  request(
                      good.clone().setLimit(RateLimitOverride.newBuilder().setRequestsPerUnit(1))))
              .contains("descriptors[0].limit.unit"));
    }
  }

  @ParameterizedTest
  @EnumSource
  void noDecision_isUnavailable_whateverTheReason(StoreException.Kind kind) throws IOException {
    try (EnvoyAsked envoy =
        EnvoyAsked.of(
            StubCounterStore.failing(new StoreException(kind, "as told", null)),
            EnvoySettings.DEFAULTS,
            RULES)) {
      StatusRuntimeException failed =
          assertThrows(StatusRuntimeException.class, () -> envoy.ask("d", "k=v"));
      assertEquals(Status.Code.UNAVAILABLE, failed.getStatus().getCode());
      assertEquals("OK: OK", envoy.said("d", "other=v"));
    }
  }

  @Test
  void noFieldValue_makesItFail() throws IOException {
    Random random = new Random(SEED);
    int answered = 0;
    try (EnvoyAsked envoy =
        EnvoyAsked.of(LocalCounters.now(), EnvoySettings.DEFAULTS, RULES, OWN)) {
      for (int i = 0; i < 3_000; i++) {
        RateLimitRequest request = random.nextBoolean() ? random(random) : mutated(random);
        try {
          RateLimitResponse response = envoy.ask(request);
          if (isTooLarge(request)) {
            assertEquals(RateLimitResponse.Code.OVER_LIMIT, response.getOverallCode());
            assertEquals(0, response.getStatusesCount());
          } else {
            assertEquals(request.getDescriptorsCount(), response.getStatusesCount());
            answered++;
          }
        } catch (StatusRuntimeException e) {
          assertEquals(
              Status.Code.INVALID_ARGUMENT,
              e.getStatus().getCode(),
              () -> "seed " + SEED + ", asked " + request + ", got " + e.getStatus());
        }
      }
    }
    assertTrue(answered > 300, "answered: " + answered);
  }

  private static boolean isTooLarge(RateLimitRequest request) {
    return request.getDescriptorsList().stream()
        .map(RateLimitDescriptor::getHitsAddend)
        .anyMatch(hits -> hits.getValue() < 0 || hits.getValue() > 1L << 52);
  }

  private static RateLimitRequest random(Random random) {
    String[] texts = {"d", "own", "", "k", "*", "k_", "\u0000", "\ud83d\ude80", "x".repeat(200)};
    RateLimitRequest.Builder request =
        RateLimitRequest.newBuilder().setDomain(texts[random.nextInt(2)]);
    request.setHitsAddend(random.nextInt(4) == 0 ? random.nextInt() : random.nextInt(3));
    for (int i = random.nextInt(4); i >= 0; i--) {
      RateLimitDescriptor.Builder descriptor = RateLimitDescriptor.newBuilder();
      for (int j = random.nextInt(4); j > 0; j--) {
        descriptor
            .addEntriesBuilder()
            .setKey(texts[random.nextInt(texts.length)])
            .setValue(texts[random.nextInt(texts.length)]);
      }
      if (random.nextInt(3) == 0) {
        long hits = random.nextInt(3) == 0 ? random.nextLong() : random.nextInt(9);
        descriptor.setHitsAddend(UInt64Value.of(hits));
      }
      descriptor.setIsNegativeHits(random.nextInt(3) == 0);
      if (random.nextInt(4) == 0) {
        descriptor.setLimit(
            RateLimitOverride.newBuilder()
                .setRequestsPerUnit(random.nextInt())
                .setUnitValue(random.nextInt(9)));
      }
      request.addDescriptors(descriptor);
    }
    return request.build();
  }

  /** A request whose bytes are damaged, as far as it still is one. */
  private static RateLimitRequest mutated(Random random) {
    while (true) {
      byte[] bytes = random(random).toByteArray();
      for (int i = 1 + random.nextInt(3); i > 0; i--) {
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      }
      try {
        return RateLimitRequest.parseFrom(ByteString.copyFrom(bytes));
      } catch (InvalidProtocolBufferException e) {
        // What cannot be read at all is another test's.
      }
    }
  }
}
