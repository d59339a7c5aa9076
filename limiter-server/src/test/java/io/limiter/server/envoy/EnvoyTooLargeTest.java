package io.limiter.server.envoy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.UInt64Value;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.limiter.envoy.descriptor.RateLimitDescriptor;
import io.limiter.envoy.service.RateLimitRequest;
import io.limiter.envoy.service.RateLimitResponse;
import io.limiter.envoy.service.RateLimitResponse.Code;
import io.limiter.server.decide.DescriptorRequest.Leniency;
import io.limiter.server.store.local.LocalCounters;
import java.io.IOException;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Nobody gets past a limit by being large. */
class EnvoyTooLargeTest {
  private static final String DESCRIPTORS =
      """
      domain: d
      descriptors:
        - { key: path, rate_limit: { unit: year, requests_per_unit: 2 } }
        - { key: path, value: "/files/*", rate_limit: { unit: year, requests_per_unit: 0 } }
      """;
  private static final String RULES =
      """
      domain: rules
      rules:
        - { name: r, key: [path], algorithm: fixed-window, limit: 2, window: year }
        - { name: end, when: { path: "*.php" }, algorithm: fixed-window, limit: 0, window: year }
        - { name: mid, when: { path: "/a/*/pay/*" }, algorithm: fixed-window, limit: 0, window: year }
      """;

  private static EnvoySettings settings(Leniency leniency, TooLarge tooLarge) {
    return EnvoySettings.DEFAULTS
        .withHeaders(Set.of())
        .withMetadata(false)
        .withLeniency(leniency)
        .withTooLarge(tooLarge);
  }

  private static Map<Bound, Consumer<RateLimitRequest.Builder>> passing() {
    Map<Bound, Consumer<RateLimitRequest.Builder>> passing = new EnumMap<>(Bound.class);
    RateLimitDescriptor small = EnvoyAsked.descriptor("path=/").build();
    passing.put(
        Bound.MESSAGE, r -> r.addDescriptors(EnvoyAsked.descriptor("path=" + "x".repeat(1 << 20))));
    passing.put(Bound.DOMAIN, r -> r.setDomain("d".repeat(129)).addDescriptors(small));
    passing.put(
        Bound.DESCRIPTORS,
        r -> {
          for (int i = 0; i <= EnvoyRequestReader.MAX_DESCRIPTORS; i++) {
            r.addDescriptors(small);
          }
        });
    passing.put(
        Bound.ENTRIES,
        r -> r.addDescriptors(EnvoyAsked.descriptor("path=/ ".repeat(65).stripTrailing())));
    passing.put(Bound.KEY, r -> r.addDescriptors(EnvoyAsked.descriptor("k".repeat(257) + "=v")));
    passing.put(
        Bound.HITS,
        r -> r.addDescriptors(small.toBuilder().setHitsAddend(UInt64Value.of((1L << 52) + 1))));
    return passing;
  }

  @ParameterizedTest
  @EnumSource
  void whatPassesABound_isAnsweredByThePolicy(TooLarge policy) throws IOException {
    Set<Bound> heard = EnumSet.noneOf(Bound.class);
    try (EnvoyAsked envoy =
        EnvoyAsked.of(
            LocalCounters.now(), settings(Leniency.NONE, policy), heard::add, DESCRIPTORS)) {
      passing()
          .forEach(
              (bound, mistake) -> {
                RateLimitRequest.Builder request = RateLimitRequest.newBuilder().setDomain("d");
                mistake.accept(request);
                assertEquals(expected(policy), code(envoy, request.build()), bound::name);
                assertTrue(heard.contains(bound), bound::name);
              });
      assertEquals(EnumSet.allOf(Bound.class), heard);
      assertEquals("OK: OK(1)", envoy.said("d", "path=/"), "nothing was charged");
    }
  }

  /** What each message says to use. */
  @Test
  void whatKeepsToABound_isDecided() throws IOException {
    try (EnvoyAsked envoy =
        EnvoyAsked.of(LocalCounters.now(), settings(Leniency.NONE, TooLarge.ERROR), DESCRIPTORS)) {
      RateLimitDescriptor small = EnvoyAsked.descriptor("path=/free").build();
      RateLimitRequest.Builder many = RateLimitRequest.newBuilder().setDomain("d");
      for (int i = 0; i < EnvoyRequestReader.MAX_DESCRIPTORS; i++) {
        many.addDescriptors(small.toBuilder().setHitsAddend(UInt64Value.of(0)));
      }
      Map<Bound, RateLimitRequest.Builder> keeping = new EnumMap<>(Bound.class);
      keeping.put(Bound.DESCRIPTORS, many);
      keeping.put(Bound.DOMAIN, asked("d".repeat(128), small));
      keeping.put(
          Bound.ENTRIES,
          asked("d", EnvoyAsked.descriptor("path=/ ".repeat(64).stripTrailing()).build()));
      keeping.put(Bound.KEY, asked("d", EnvoyAsked.descriptor("k".repeat(256) + "=v").build()));
      keeping.put(
          Bound.HITS,
          asked("d", small.toBuilder().setHitsAddend(UInt64Value.of(1L << 52)).build()));
      RateLimitRequest without =
          asked("d", EnvoyAsked.descriptor("free=" + "x".repeat(1 << 19)).build()).build();
      int room = (1 << 20) - without.getSerializedSize();
      keeping.put(
          Bound.MESSAGE,
          asked("d", EnvoyAsked.descriptor("free=" + "x".repeat((1 << 19) + room)).build()));
      assertEquals(1 << 20, keeping.get(Bound.MESSAGE).build().getSerializedSize());
      assertEquals(EnumSet.allOf(Bound.class), keeping.keySet());
      keeping.forEach(
          (bound, request) ->
              assertEquals(
                  bound == Bound.HITS ? "OVER_LIMIT" : "OK",
                  code(envoy, request.build()),
                  bound::name));
    }
  }

  private static RateLimitRequest.Builder asked(String domain, RateLimitDescriptor descriptor) {
    return RateLimitRequest.newBuilder().setDomain(domain).addDescriptors(descriptor);
  }

  private static String expected(TooLarge policy) {
    return switch (policy) {
      case DENY -> "OVER_LIMIT";
      case ALLOW -> "OK";
      case ERROR -> "INVALID_ARGUMENT";
    };
  }

  private static String code(EnvoyAsked envoy, RateLimitRequest request) {
    try {
      return envoy.ask(request).getOverallCode().name();
    } catch (StatusRuntimeException refused) {
      return refused.getStatus().getCode().name();
    }
  }

  @Test
  void whereNothingIsDenied_neitherIsWhatIsTooLarge() throws IOException {
    try (EnvoyAsked envoy =
        EnvoyAsked.of(LocalCounters.now(), settings(Leniency.SHADOW, TooLarge.DENY), DESCRIPTORS)) {
      passing()
          .forEach(
              (bound, mistake) -> {
                RateLimitRequest.Builder request = RateLimitRequest.newBuilder().setDomain("d");
                mistake.accept(request);
                assertEquals("OK", code(envoy, request.build()), bound::name);
              });
    }
  }

  /** A few bytes may hold a message of any length. */
  @Test
  void aCompressedMessage_isReadNoFurtherThanItsBound() throws IOException {
    try (EnvoyAsked envoy =
        EnvoyAsked.of(LocalCounters.now(), settings(Leniency.NONE, TooLarge.DENY), DESCRIPTORS)) {
      for (int size : new int[] {1 << 20, 50 << 20}) {
        assertEquals(
            Code.OVER_LIMIT,
            envoy
                .askCompressed(
                    RateLimitRequest.newBuilder()
                        .setDomain("d")
                        .addDescriptors(EnvoyAsked.descriptor("path=" + "x".repeat(size)))
                        .build())
                .getOverallCode());
      }
      RateLimitResponse small =
          envoy.askCompressed(
              RateLimitRequest.newBuilder()
                  .setDomain("d")
                  .addDescriptors(EnvoyAsked.descriptor("path=/"))
                  .build());
      assertEquals("OK: OK(1)", EnvoyAsked.said(small));
    }
  }

  /** Of a message beyond what the transport reads, gRPC itself says so: docs/envoy.md. */
  @Test
  void beyondTheTransport_gRpcRefuses_andTheConnectionServesOn() throws IOException {
    try (EnvoyAsked envoy =
        EnvoyAsked.of(LocalCounters.now(), settings(Leniency.NONE, TooLarge.DENY), DESCRIPTORS)) {
      StatusRuntimeException refused =
          assertThrows(
              StatusRuntimeException.class, () -> envoy.ask("d", "path=" + "x".repeat(4 << 20)));
      assertEquals(Status.Code.RESOURCE_EXHAUSTED, refused.getStatus().getCode());
      assertEquals("OK: OK(1)", envoy.said("d", "path=/"));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {4_096, 4_097, 4_099, 60_000, 1_000_000})
  void overLongValue_isCountedByItsHash(int length) throws IOException {
    try (EnvoyAsked envoy =
        EnvoyAsked.of(LocalCounters.now(), EnvoySettings.DEFAULTS, DESCRIPTORS, RULES)) {
      for (String domain : new String[] {"d", "rules"}) {
        String one = "path=/" + "x".repeat(length - 1);
        String other = "path=/" + "x".repeat(length - 2) + "y";
        assertEquals("OK: OK(1)", envoy.said(domain, one));
        assertEquals("OK: OK(0)", envoy.said(domain, one));
        assertEquals("OVER_LIMIT: OVER_LIMIT(0)", envoy.said(domain, one));
        assertEquals("OK: OK(1)", envoy.said(domain, other));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {5_000, 500_000})
  void overLongValue_meetsItsConditions(int length) throws IOException {
    String fill = "x".repeat(length);
    try (EnvoyAsked envoy =
        EnvoyAsked.of(LocalCounters.now(), EnvoySettings.DEFAULTS, DESCRIPTORS, RULES)) {
      assertEquals(Code.OVER_LIMIT, envoy.ask("d", "path=/files/" + fill).getOverallCode());
      assertEquals(Code.OK, envoy.ask("d", "path=/file/" + fill).getOverallCode());
      assertEquals(Code.OVER_LIMIT, envoy.ask("rules", "path=" + fill + ".php").getOverallCode());
      assertEquals(Code.OK, envoy.ask("rules", "path=" + fill + ".phq").getOverallCode());
      assertEquals(
          Code.OVER_LIMIT, envoy.ask("rules", "path=/a/" + fill + "/pay/" + fill).getOverallCode());
      assertEquals(
          Code.OK, envoy.ask("rules", "path=/a/" + fill + "/paz/" + fill).getOverallCode());
    }
  }

  /** Envoy copies the bytes of a header. One that is no UTF-8 must not switch limits off. */
  @Test
  void aTextThatIsNoUtf8_isDecided() throws IOException {
    try (EnvoyAsked envoy =
        EnvoyAsked.of(LocalCounters.now(), EnvoySettings.DEFAULTS, DESCRIPTORS)) {
      RateLimitRequest valid =
          RateLimitRequest.newBuilder()
              .setDomain("d")
              .setHitsAddend(1)
              .addDescriptors(EnvoyAsked.descriptor("path=/"))
              .addDescriptors(EnvoyAsked.descriptor("path=/AAAA *0"))
              .build();
      byte[] bytes = valid.toByteArray();
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = bytes[i] == 'A' ? (byte) 0xFF : bytes[i];
      }
      ByteString message = ByteString.copyFrom(bytes);
      assertEquals("OK: OK(1) OK(2)", EnvoyAsked.said(envoy.askRaw(message)));
      assertEquals("OK: OK(0) OK(2)", EnvoyAsked.said(envoy.askRaw(message)));
      assertEquals("OVER_LIMIT: OVER_LIMIT(0) OK(2)", EnvoyAsked.said(envoy.askRaw(message)));
      assertEquals("OK: OK(2)", envoy.said("d", "path=/\ufffd\ufffd\ufffd\ufffd *0"));
      StatusRuntimeException refused =
          assertThrows(
              StatusRuntimeException.class,
              () -> envoy.askRaw(ByteString.copyFromUtf8("no protobuf\ud83d\ude00")));
      assertEquals(Status.Code.INVALID_ARGUMENT, refused.getStatus().getCode());
    }
  }
}
