package io.limiter.server.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import io.limiter.testing.Await;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.CheckAnyRequest;
import io.limiter.v1.ExplainRequest;
import io.limiter.v1.ExtendRequest;
import io.limiter.v1.ObserveRequest;
import io.limiter.v1.RefundRequest;
import io.limiter.v1.ReleaseRequest;
import io.limiter.v1.ResetRequest;
import io.limiter.v1.SettleRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Values that are secrets, from a rules file to whatever is written to Redis. */
class SecretValuesIT extends WithSecrets {
  private static final String SECRET = "s".repeat(40);
  private static final int LIMIT = 5;

  private static SecretService service(String... lines) throws IOException {
    return service(secrets(lines));
  }

  private static CheckAndConsumeRequest.Builder question(String kind, String apiKey) {
    return SecretService.question(kind, apiKey);
  }

  /** Everything that writes keys of counters, or of what lies beside them. */
  private static void askEverything(SecretService service, String apiKey) {
    for (int i = 0; i <= LIMIT + 1; i++) {
      service.ask().checkAndConsume(question("check", apiKey).build());
    }
    for (int i = 0; i < 3; i++) {
      service.ask().checkAndConsume(question("lease", apiKey).build());
      service.ask().checkAndConsume(question("share", apiKey).build());
      service.ask().checkAndConsume(question("learn", apiKey).build());
    }
    // Given back to a counter whose denial is cached: that is told to all.
    String other = "receipt";
    ByteString receipt = receipt(service, question(other, apiKey).setWantReceipt(true));
    for (int i = 0; i <= LIMIT; i++) {
      service.ask().checkAndConsume(question(other, apiKey).build());
    }
    assertTrue(
        service.ask().refund(RefundRequest.newBuilder().setReceipt(receipt).build()).getRefunded());
    for (int i = 0; i < 2; i++) {
      service
          .ask()
          .checkAndConsume(question("again", apiKey).setIdempotencyKey("once-" + apiKey).build());
    }
    service
        .ask()
        .checkAny(
            CheckAnyRequest.newBuilder()
                .addAlternatives(question("check", apiKey).setIdempotencyKey("any-" + apiKey))
                .addAlternatives(question("again", apiKey).setIdempotencyKey("any-" + apiKey))
                .build());
    Duration minute = Duration.newBuilder().setSeconds(60).build();
    ByteString held = receipt(service, question("hold", apiKey).setHold(minute));
    service.ask().extend(ExtendRequest.newBuilder().setReceipt(held).setHold(minute).build());
    service.ask().settle(SettleRequest.newBuilder().setReceipt(held).setCost(1).build());
    ByteString released = receipt(service, question("hold", apiKey).setHold(minute));
    service.ask().release(ReleaseRequest.newBuilder().setReceipt(released).build());
    service
        .ask()
        .observe(
            ObserveRequest.newBuilder()
                .setDomain("keys")
                .putAllAttributes(question("learn", apiKey).getAttributesMap())
                .setRemaining(3)
                .setResetAfter(minute)
                .build());
    for (String kind : List.of("check", "share", "hold")) {
      Map<String, String> attributes = question(kind, apiKey).getAttributesMap();
      service
          .ask()
          .explain(
              ExplainRequest.newBuilder().setDomain("keys").putAllAttributes(attributes).build());
      service
          .ask()
          .reset(ResetRequest.newBuilder().setDomain("keys").putAllAttributes(attributes).build());
    }
  }

  private static ByteString receipt(SecretService service, CheckAndConsumeRequest.Builder asked) {
    CheckAndConsumeResponse answer = service.ask().checkAndConsume(asked.build());
    assertTrue(answer.getAllowed());
    return answer.getReceipt();
  }

  /** How a value, or a hash of it, can look: also the beginning of what was cut off. */
  private static Map<String, String> traces(String value) throws NoSuchAlgorithmException {
    byte[] hash =
        MessageDigest.getInstance("SHA-256").digest(value.getBytes(StandardCharsets.UTF_8));
    byte[] start = Arrays.copyOf(hash, 6);
    Map<String, String> traces = new LinkedHashMap<>();
    traces.put("value", value);
    traces.put("hex", HexFormat.of().formatHex(start));
    traces.put("HEX", HexFormat.of().withUpperCase().formatHex(start));
    traces.put("base64", Base64.getEncoder().encodeToString(start));
    traces.put("base64url", Base64.getUrlEncoder().encodeToString(start));
    traces.put("bytes", Monitor.shown(start));
    return traces;
  }

  @Test
  void nothingOfAValue_norItsHash_isWrittenToRedis() throws Exception {
    String apiKey = newKey();
    try (SecretService service = service(SECRET);
        Monitor monitor = Monitor.of(redis)) {
      askEverything(service, apiKey);
      String seen = monitor.seen();
      for (String written :
          List.of("^holds", "!receipt:", "!idempotency:", "^share:", "^learned")) {
        assertTrue(seen.contains(written), written);
      }
      assertTrue(seen.contains("\"limiter:credits\""), "something was told to all");
      traces(apiKey).forEach((form, trace) -> assertFalse(seen.contains(trace), form));
    }
  }

  /** So that the test above can fail. */
  @Test
  void withoutAFile_theHashIsTheOneOfBefore() throws Exception {
    String apiKey = newKey();
    byte[] hash =
        MessageDigest.getInstance("SHA-256").digest(apiKey.getBytes(StandardCharsets.UTF_8));
    String digest = Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(hash, 16));
    try (SecretService service = SecretService.start(redis, Optional.empty());
        Monitor monitor = Monitor.of(redis)) {
      askEverything(service, apiKey);
      String seen = monitor.seen();
      assertTrue(seen.contains("}:check:f:#" + digest + "\""));
      assertTrue(seen.contains("}:hold:f:#" + digest + "^holds\""));
      assertTrue(seen.contains("^share:#" + digest + "\""));
      assertTrue(seen.contains("!idempotency:once-" + apiKey + "\""));
      assertTrue(seen.contains(traces(apiKey).get("base64url")));
      assertFalse(seen.contains(":>"), "the mark of a keyed hash");
    }
  }

  @Test
  void instancesOfOneSecret_shareACounter_andOfAnotherDoNot() throws IOException {
    String apiKey = newKey();
    try (SecretService one = service(SECRET);
        SecretService other = service(SECRET);
        SecretService stranger = service("t".repeat(40))) {
      for (int i = 0; i < LIMIT; i++) {
        assertTrue((i % 2 == 0 ? one : other).allows("check", apiKey));
      }
      assertFalse(one.allows("check", apiKey));
      assertFalse(other.allows("check", apiKey));
      for (int i = 0; i < LIMIT; i++) {
        assertTrue(stranger.allows("check", apiKey));
      }
      assertFalse(stranger.allows("check", apiKey));
    }
  }

  @Test
  void aResetAndAnObservation_reachTheCounter() throws IOException {
    String apiKey = newKey();
    try (SecretService service = service(SECRET)) {
      while (service.allows("check", apiKey)) {
        // Until it is full.
      }
      ResetRequest reset =
          ResetRequest.newBuilder()
              .setDomain("keys")
              .putAllAttributes(question("check", apiKey).getAttributesMap())
              .build();
      assertEquals(1, service.ask().reset(reset).getCountersReset());
      assertTrue(service.allows("check", apiKey));
      assertTrue(service.allows("learn", apiKey));
      ObserveRequest said =
          ObserveRequest.newBuilder()
              .setDomain("keys")
              .putAllAttributes(question("learn", apiKey).getAttributesMap())
              .setBlockedFor(Duration.newBuilder().setSeconds(600))
              .build();
      assertEquals(1, service.ask().observe(said).getCountersClamped());
      assertFalse(service.allows("learn", apiKey));
    }
  }

  /** A new secret is another counter. */
  @Test
  void aChangedFile_isReadAgain() throws IOException {
    String apiKey = newKey();
    Path file = secrets(SECRET);
    try (SecretService service = service(file)) {
      String before = service.counter(apiKey);
      Files.writeString(file, "u".repeat(40));
      Await.until(() -> !service.counter(apiKey).equals(before));
      Files.writeString(file, SECRET);
      Await.until(() -> service.counter(apiKey).equals(before));
    }
  }
}
