package io.limiter.server.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.Duration;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.limiter.server.access.Tokens;
import io.limiter.server.access.file.AccessFiles;
import io.limiter.server.audit.AuditTarget;
import io.limiter.server.key.ValueHash;
import io.limiter.server.rules.file.RuleFiles;
import io.limiter.server.rules.live.LiveRules;
import io.limiter.testing.TestRedis;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.ObserveRequest;
import io.limiter.v1.RateLimiterGrpc;
import io.limiter.v1.RateLimiterGrpc.RateLimiterBlockingStub;
import io.limiter.v1.RefundRequest;
import io.limiter.v1.ResetRequest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whoever changes something by a real service is written down, with no secret of anybody. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class AuditIT {
  private static final String SECRET = "3Zq-never-shown";
  private static final String SHARED = "never-shown".repeat(4);
  private static final String VALUE = "sk-live-never-shown";
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String PARENT = "00-" + TRACE + "-b7ad6b7169203331-01";
  private static final String RULES =
      """
      domain: shop
      rules:
        - { name: r, key: [user], algorithm: fixed-window, limit: 1000, window: 1h, learn: true }
        - { name: s, key: [api_key], hash: true, algorithm: fixed-window, limit: 1000, window: 1h }
      """;

  @TempDir Path folder;
  private final HttpClient http = HttpClient.newHttpClient();

  private Service start(Optional<AccessFiles> access) throws IOException {
    ServiceSettings settings =
        SampleService.settings(Optional.of(TestRedis.shared().uri()), java.time.Duration.ZERO);
    return Service.start(
        SampleService.with(settings, access, Optional.of(AuditTarget.of(log()))),
        LiveRules.fixed(
            RuleFiles.load(List.of(new RuleFiles.Source("shop.yaml", RULES))), Clock.systemUTC()),
        "the test's");
  }

  private Path log() {
    return folder.resolve("audit.log");
  }

  private AccessFiles access() throws IOException {
    Path file = folder.resolve("access.yaml");
    Files.writeString(
        file,
        """
        callers:
          - name: shop-team
            tokens: ["%s"]
            grants: [{ methods: [check, refund, reset, observe, metrics], domains: [shop] }]
          - name: idle
            tokens: ["%s"]
            grants: []
        """
            .formatted(Tokens.hash(SECRET), Tokens.hash(SECRET)));
    Path secrets = Files.writeString(folder.resolve("secrets"), SHARED + "\n");
    return new AccessFiles(file, secrets);
  }

  private static Metadata headers(String token) {
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("traceparent", Metadata.ASCII_STRING_MARSHALLER), PARENT);
    if (!token.isEmpty()) {
      headers.put(Metadata.Key.of("x-limiter-token", Metadata.ASCII_STRING_MARSHALLER), token);
    }
    return headers;
  }

  private int post(Service service, String path, String token, String body) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + service.httpPort() + path))
            .header("traceparent", PARENT)
            .POST(HttpRequest.BodyPublishers.ofString(body));
    if (!token.isEmpty()) {
      request.header("Authorization", "Bearer " + token);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString()).statusCode();
  }

  /** The lines of a kind, once there are so many. */
  private List<JsonObject> await(String what, int count) throws IOException {
    while (true) {
      List<JsonObject> found =
          Files.readString(log())
              .lines()
              .filter(line -> line.endsWith("}"))
              .map(line -> JsonParser.parseString(line).getAsJsonObject())
              .filter(line -> line.get("what").getAsString().equals(what))
              .toList();
      if (found.size() >= count) {
        assertEquals(count, found.size());
        return found;
      }
      Thread.onSpinWait();
    }
  }

  private static void assertFrom(JsonObject line, String caller, String by) {
    assertEquals(caller, line.get("caller").isJsonNull() ? "" : line.get("caller").getAsString());
    assertEquals(by, line.get("by").getAsString());
    assertEquals("127.0.0.1", line.get("host").getAsString());
    assertEquals(TRACE, line.get("trace").getAsString());
  }

  private static CheckAndConsumeRequest question(boolean receipt) {
    return CheckAndConsumeRequest.newBuilder()
        .setDomain("shop")
        .setWantReceipt(receipt)
        .putAttributes("user", "a")
        .putAttributes("api_key", VALUE)
        .build();
  }

  private static ResetRequest reset() {
    return ResetRequest.newBuilder()
        .setDomain("shop")
        .putAttributes("user", "a")
        .putAttributes("api_key", VALUE)
        .putAttributes("of-no-rule", VALUE)
        .build();
  }

  @Test
  void everyChange_isWrittenDown_byBothProtocols() throws Exception {
    ManagedChannel channel = null;
    try (Service service = start(Optional.of(access()))) {
      channel =
          Grpc.newChannelBuilder(
                  "127.0.0.1:" + service.grpcPort(), InsecureChannelCredentials.create())
              .build();
      String token = "shop-team." + SECRET;
      RateLimiterBlockingStub stub = stub(channel, token);
      assertEquals(2, await("access-reloaded", 1).get(0).get("count").getAsInt());
      assertEquals(2, await("rules-reloaded", 1).get(0).get("count").getAsInt());

      var charged = stub.checkAndConsume(question(/* receipt= */ true));
      stub.refund(RefundRequest.newBuilder().setReceipt(charged.getReceipt()).build());
      assertEquals(400, post(service, "/v1/refund", token, "{\"receipt\":\"AAAA\"}"));
      List<JsonObject> refunds = await("refund", 2);
      assertEquals("ok", refunds.get(0).get("outcome").getAsString());
      assertEquals(1, refunds.get(0).get("count").getAsInt());
      assertEquals("invalid_argument", refunds.get(1).get("outcome").getAsString());
      refunds.forEach(line -> assertFrom(line, "shop-team", "token"));

      stub.checkAndConsume(question(/* receipt= */ false));
      int count = stub.reset(reset()).getCountersReset();
      assertTrue(count > 0);
      String body =
          "{\"domain\":\"shop\",\"attributes\":{\"user\":\"a\",\"api_key\":\"%s\"},\"rules\":[\"r\"]}"
              .formatted(VALUE);
      assertEquals(200, post(service, "/v1/reset", token, body));
      List<JsonObject> resets = await("reset", 2);
      resets.forEach(line -> assertFrom(line, "shop-team", "token"));
      assertEquals(count, resets.get(0).get("count").getAsInt());
      assertEquals("shop", resets.get(0).get("domain").getAsString());
      assertEquals("[\"r\"]", resets.get(1).get("rules").toString());
      // Under the secret, as in keys: a plain hash of a short secret can be tried out.
      String hash = ValueHash.keyed(SHARED.getBytes(StandardCharsets.UTF_8)).inPlaceOf(VALUE);
      assertEquals(
          "{\"api_key\":\"%s\",\"of-no-rule\":\"%s\",\"user\":\"a\"}".formatted(hash, hash),
          resets.get(0).get("attributes").toString());

      stub.observe(
          ObserveRequest.newBuilder()
              .setDomain("shop")
              .putAttributes("user", "a")
              .setBlockedFor(Duration.newBuilder().setSeconds(1))
              .build());
      assertEquals(
          200,
          post(
              service,
              "/v1/observe",
              token,
              "{\"domain\":\"shop\",\"attributes\":{\"user\":\"a\"},\"blockedFor\":\"1s\"}"));
      await("observe", 2).forEach(line -> assertFrom(line, "shop-team", "token"));

      for (String other : List.of("", "shop-team.wrong-" + VALUE, "idle." + SECRET)) {
        RateLimiterBlockingStub refused = stub(channel, other);
        assertThrows(StatusRuntimeException.class, () -> refused.reset(reset()));
        assertTrue(post(service, "/v1/reset", other, body) >= 401);
      }
      List<JsonObject> refused = await("refused", 6);
      for (int i = 0; i < 2; i++) {
        assertFrom(refused.get(i), "", "none");
        assertFrom(refused.get(2 + i), "", "token");
        assertFrom(refused.get(4 + i), "idle", "token");
        assertEquals("unauthenticated", refused.get(i).get("outcome").getAsString());
        assertEquals("not_permitted", refused.get(4 + i).get("outcome").getAsString());
        assertEquals("reset", refused.get(4 + i).get("method").getAsString());
        assertEquals("shop", refused.get(4 + i).get("domain").getAsString());
      }
      await("reset", 2);
      assertMetrics(service, token);
    } finally {
      if (channel != null) {
        channel.shutdownNow();
      }
    }
    assertFalse(Files.readString(log()).contains("never-shown"), "a secret is in the audit log");
  }

  private void assertMetrics(Service service, String token) throws Exception {
    String metrics =
        http.send(
                HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + service.httpPort() + "/metrics"))
                    .header("X-Limiter-Token", token)
                    .build(),
                HttpResponse.BodyHandlers.ofString())
            .body();
    for (String line :
        List.of(
            "limiter_access_refused_total{kind=\"not_permitted\",method=\"reset\"} 2.0\n",
            "limiter_access_refused_total{kind=\"unauthenticated\",method=\"reset\"} 2.0\n",
            "limiter_access_refused_total{kind=\"unauthenticated\",method=\"(none)\"} 2.0\n",
            "limiter_access_questions_total{caller=\"shop-team\"} 8.0\n",
            "limiter_access_loads_total{outcome=\"good\"} 1.0\n",
            "limiter_access_loads_total{outcome=\"bad\"} 0.0\n",
            "limiter_access_callers 2.0\n")) {
      assertTrue(metrics.contains(line), () -> line + " is not in:\n" + metrics);
    }
    assertFalse(metrics.contains("never-shown"));
  }

  private static RateLimiterBlockingStub stub(ManagedChannel channel, String token) {
    return RateLimiterGrpc.newBlockingStub(channel)
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers(token)));
  }

  @Test
  void whereAnybodyMayDoAnything_itIsWrittenDownFromWhere() throws Exception {
    ManagedChannel channel = null;
    try (Service service = start(Optional.empty())) {
      channel =
          Grpc.newChannelBuilder(
                  "127.0.0.1:" + service.grpcPort(), InsecureChannelCredentials.create())
              .build();
      stub(channel, "").reset(reset());
      assertEquals(
          200,
          post(
              service,
              "/v1/reset",
              "",
              "{\"domain\":\"shop\",\"attributes\":{\"user\":\"a\"},\"rules\":[\"r\"]}"));
      await("reset", 2).forEach(line -> assertFrom(line, "", "none"));
    } finally {
      if (channel != null) {
        channel.shutdownNow();
      }
    }
  }

  @Test
  void changedFilesOfAccess_areWrittenDown() throws Exception {
    AccessFiles access = access();
    Service service = start(Optional.of(access));
    try {
      await("access-reloaded", 1);
      Files.writeString(access.access(), "callers: []\n");
      JsonObject changed = await("access-reloaded", 2).get(1);
      assertEquals("ok", changed.get("outcome").getAsString());
      assertEquals(0, changed.get("count").getAsInt());
      Files.writeString(access.access(), "callers: [{}]\n");
      assertEquals("refused", await("access-reloaded", 3).get(2).get("outcome").getAsString());
    } finally {
      service.close();
    }
  }
}
