package io.limiter.server.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.limiter.server.access.Tokens;
import io.limiter.testing.TestRedis;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.RateLimiterGrpc;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that has every kind of secret, and says as much as it can, shows none of them: not in
 * its log, its pages, its answers, its audit log, or the list of the system's processes.
 */
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SecretsShownIT {
  private static final String RULES =
      """
      domain: shop
      rules:
        - { name: r, key: [user], algorithm: fixed-window, limit: 1000, window: 1h }
      """;
  private static final String RIGHT = "dNv3Xw-right";
  private static final String WRONG = "dNv3Xw-wrong";
  private static final String SHARED = "dNv3Xw-shared-by-all-instances-of-it";
  private static final String PASSWORD = "dNv3Xw-password-of-redis";

  @TempDir Path folder;
  private final Tokens issuer = new Tokens("k1");
  private final String hash = Tokens.hash(RIGHT);
  private final List<String> answers = new ArrayList<>();

  private Path write(String file, String text) throws IOException {
    return Files.writeString(folder.resolve(file), text);
  }

  private String access(String token) {
    return """
        issuers:
          - { name: corp, issuer: "%s", audience: limiter, keys: jwks.json }
        callers:
          - name: shop-team
            tokens: [%s]
            jwt: [{ issuer: corp, subject: shop-team }]
            grants: [{ methods: [check, metrics, rules], domains: [shop] }]
        """
        .formatted(Tokens.ISSUER, token);
  }

  /** Whoever asks it from now on needs the password. */
  private static TestRedis locked() {
    TestRedis redis = TestRedis.ownProcess();
    RedisClient client = RedisClient.create(redis.uri());
    try (StatefulRedisConnection<String, String> connection = client.connect()) {
      connection.sync().configSet("requirepass", PASSWORD);
    } finally {
      client.shutdown();
    }
    return redis;
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void noSecret_isShownAnywhere() throws Exception {
    Path rules = Files.createDirectory(folder.resolve("rules"));
    Files.writeString(rules.resolve("shop.yaml"), RULES);
    Path access = write("access.yaml", access('"' + hash + '"'));
    Path secrets = write("secrets", SHARED + "\n");
    Path password = write("password", PASSWORD + "\n");
    Path audit = folder.resolve("audit.log");
    write("jwks.json", issuer.jwks());
    try (TestRedis redis = locked();
        ServerProcess server =
            ServerProcess.serve(
                "--rules",
                rules.toString(),
                "--redis",
                redis.uri(),
                "--redis-password-file",
                password.toString(),
                "--access",
                access.toString(),
                "--secrets",
                secrets.toString(),
                "--audit-log",
                audit.toString(),
                "--log-level",
                "trace")) {
      String good = issuer.of("shop-team", Instant.now().plusSeconds(3_600));
      String over = issuer.of("shop-team", Instant.now().minusSeconds(3_600));
      String right = "shop-team." + RIGHT;
      String wrong = "shop-team." + WRONG;
      ManagedChannel channel =
          Grpc.newChannelBuilder(server.grpc(), InsecureChannelCredentials.create()).build();
      try {
        assertEquals(Status.Code.OK, call(channel, right));
        assertEquals(Status.Code.OK, call(channel, good));
        assertEquals(Status.Code.UNAUTHENTICATED, call(channel, wrong));
        assertEquals(Status.Code.UNAUTHENTICATED, call(channel, over));
        assertEquals(Status.Code.UNAUTHENTICATED, call(channel, WRONG + "."));
      } finally {
        channel.shutdownNow();
      }
      for (String path : List.of("/v1/check", "/metrics", "/rules", "/readyz", "/openapi.json")) {
        for (String token : List.of(right, good, wrong, over)) {
          post(server, path, token);
        }
      }
      for (String broken :
          List.of(access('"' + right + '"'), access('"' + hash), access('"' + hash + "x\""))) {
        double before = refusals(server);
        Files.writeString(access, broken);
        while (refusals(server) == before) {
          Thread.onSpinWait();
        }
      }
      double before = refusals(server);
      Files.writeString(access, access('"' + hash + '"'));
      Files.writeString(secrets, SHARED.substring(0, 16) + "\n" + SHARED + "\n");
      while (refusals(server) == before) {
        Thread.onSpinWait();
      }
      Map<String, String> shown = new LinkedHashMap<>();
      shown.put("the answers", String.join("\n", answers));
      shown.put("the command", Files.readString(proc(server), StandardCharsets.UTF_8));
      assertEquals(143, server.stop());
      shown.put("the log", server.log());
      shown.put("the audit log", Files.readString(audit));
      // What is searched is all there.
      assertTrue(server.log().contains("RefusalLog"), server::log);
      assertTrue(shown.get("the audit log").contains("unauthenticated"));
      shown.forEach(
          (where, text) -> {
            assertFalse(text.isBlank(), where);
            for (String secret :
                List.of(
                    RIGHT,
                    WRONG,
                    SHARED.substring(0, 16),
                    PASSWORD,
                    hash.substring(hash.lastIndexOf(':') + 1),
                    good.substring(good.lastIndexOf('.') + 1),
                    over.substring(over.lastIndexOf('.') + 1))) {
              int at = text.indexOf(secret);
              assertTrue(at < 0, () -> secret + " is in " + where + ": " + around(text, at));
            }
          });
    }
  }

  private static String around(String text, int at) {
    return text.substring(Math.max(0, at - 300), Math.min(text.length(), at + 100));
  }

  private static Path proc(ServerProcess server) {
    return Path.of("/proc", Long.toString(server.pid()), "cmdline");
  }

  /** How often files were read that cannot be used. The old stay in force meanwhile. */
  private static double refusals(ServerProcess server) throws Exception {
    String metrics =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(URI.create("http://" + server.http() + "/metrics"))
                    .header("X-Limiter-Token", "shop-team." + RIGHT)
                    .build(),
                HttpResponse.BodyHandlers.ofString())
            .body();
    Matcher bad =
        Pattern.compile("limiter_access_loads_total\\{outcome=\"bad\"} (\\S+)").matcher(metrics);
    assertTrue(bad.find(), metrics);
    return Double.parseDouble(bad.group(1));
  }

  private Status.Code call(ManagedChannel channel, String token) {
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
    try {
      answers.add(
          RateLimiterGrpc.newBlockingStub(channel)
              .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
              .checkAndConsume(
                  CheckAndConsumeRequest.newBuilder()
                      .setDomain("shop")
                      .putAttributes("user", "a")
                      .build())
              .toString());
      return Status.Code.OK;
    } catch (StatusRuntimeException refused) {
      answers.add(refused.getStatus() + " " + refused.getTrailers());
      return refused.getStatus().getCode();
    }
  }

  private void post(ServerProcess server, String path, String token) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://" + server.http() + path))
            .header("Authorization", "Bearer " + token);
    if (path.startsWith("/v1/")) {
      request.POST(
          HttpRequest.BodyPublishers.ofString(
              "{\"domain\":\"shop\",\"attributes\":{\"user\":\"a\"}}"));
    }
    HttpResponse<String> answer =
        HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
    answers.add(answer.statusCode() + " " + answer.headers().map() + "\n" + answer.body());
  }
}
