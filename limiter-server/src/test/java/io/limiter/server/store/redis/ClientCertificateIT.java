package io.limiter.server.store.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Limit;
import io.limiter.server.store.endpoint.ClientCertificate;
import io.limiter.server.store.endpoint.RedisEndpoint;
import io.limiter.server.store.endpoint.Tls;
import io.limiter.testing.Identity;
import io.limiter.testing.TestRedis;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The certificate that the service shows to a Redis which wants one. */
@Timeout(120)
class ClientCertificateIT {
  private static final Limit LIMIT = FixedWindow.per(366 * 86_400_000_000L, 1_000);

  @TempDir private static Path temp;
  private static Identity redis;
  private static Identity service;
  private static Identity stranger;

  @BeforeAll
  static void make() throws Exception {
    redis = Identity.make(temp, "redis", "san=ip:127.0.0.1");
    service = Identity.make(temp, "service", "san=dns:limiter");
    stranger = Identity.make(temp, "stranger", "san=dns:limiter");
  }

  /** Skipped for a redis-server that was built without TLS, as the embedded one is. */
  private static Optional<TestRedis> withTls(int tlsPort) {
    try {
      return Optional.of(
          TestRedis.ownProcess(
              TestRedis.freePort(),
              List.of(
                  "--tls-port",
                  "" + tlsPort,
                  "--tls-cert-file",
                  redis.certificate().toString(),
                  "--tls-key-file",
                  redis.key().toString(),
                  "--tls-ca-cert-file",
                  service.certificate().toString(),
                  "--tls-auth-clients",
                  "yes")));
    } catch (UncheckedIOException builtWithout) {
      return Optional.empty();
    }
  }

  private static RedisCounterStore store(String uri, Optional<Tls.Own> own) {
    Tls tls = new Tls(Optional.of(redis.certificate()), own);
    return RedisCounterStore.connect(
        RedisSettings.of(RedisEndpoint.parse(uri).with(tls), Duration.ofSeconds(30)),
        StoreListener.NONE);
  }

  private static RedisCounterStore store(int port, Optional<Tls.Own> own) {
    return store("rediss://127.0.0.1:" + port, own);
  }

  @Test
  void aRedisBuiltWithTls_letsWhoShowsTheCertificateIn_andNobodyElse_andItIsReadAgain()
      throws IOException {
    int port = TestRedis.freePort();
    Optional<TestRedis> found = withTls(port);
    assumeTrue(found.isPresent(), "this redis-server was built without TLS");
    Path certificate = Files.copy(stranger.certificate(), temp.resolve("shown.crt"));
    Path key = Files.copy(stranger.key(), temp.resolve("shown.key"));
    try (TestRedis own = found.get()) {
      try (RedisCounterStore store = store(port, Optional.empty())) {
        StoreOnRedis.await(() -> store.state().contains("--redis-cert and --redis-key"));
      }
      try (RedisCounterStore store = store(port, Optional.of(new Tls.Own(certificate, key)))) {
        StoreOnRedis.await(() -> store.state().contains(" is not connected: "));
        Files.copy(service.key(), key, StandardCopyOption.REPLACE_EXISTING);
        Files.copy(service.certificate(), certificate, StandardCopyOption.REPLACE_EXISTING);
        StoreOnRedis.await(store::connected);
        store.decide(StoreOnRedis.charge("k", LIMIT, 1)).toCompletableFuture().join();
        assertTrue(own.process().isAlive());
      }
    }
  }

  @Test
  void aSentinel_isShownTheCertificateToo() throws IOException {
    int port = TestRedis.freePort();
    Optional<TestRedis> found = withTls(port);
    assumeTrue(found.isPresent(), "this redis-server was built without TLS");
    int plain = TestRedis.freePort();
    int sentinelPort = TestRedis.freePort();
    Path configuration =
        Files.writeString(
            temp.resolve("sentinel.conf"),
            """
            port %d
            bind 127.0.0.1
            tls-port %d
            tls-replication yes
            tls-cert-file %s
            tls-key-file %s
            tls-ca-cert-file %s
            tls-auth-clients yes
            sentinel monitor main 127.0.0.1 %d 1
            """
                .formatted(
                    plain,
                    sentinelPort,
                    redis.certificate(),
                    redis.key(),
                    service.certificate(),
                    port));
    String uri = "rediss-sentinel://127.0.0.1:" + sentinelPort + "#main";
    Tls.Own own = new Tls.Own(service.certificate(), service.key());
    try (TestRedis primary = found.get();
        TestRedis sentinel = TestRedis.sentinel(plain, configuration)) {
      try (RedisCounterStore store = store(uri, Optional.empty())) {
        StoreOnRedis.await(() -> store.state().contains(" is not connected: "));
        StoreOnRedis.await(() -> store.state().contains("--redis-cert and --redis-key"));
      }
      try (RedisCounterStore store = store(uri, Optional.of(own))) {
        StoreOnRedis.await(store::connected);
        store.decide(StoreOnRedis.charge("k", LIMIT, 1)).toCompletableFuture().join();
        assertEquals(uri + " (primary 127.0.0.1:" + port + ") is connected", store.state());
      }
      assertTrue(primary.process().isAlive() && sentinel.process().isAlive());
    }
  }

  @Test
  void filesThatCannotBeUsed_areNamed_withWhatToDo() throws IOException {
    ClientCertificate.check(new Tls.Own(service.certificate(), service.key()));
    Path text = Files.writeString(temp.resolve("text"), "no PEM\n");
    String pem = Files.readString(service.key());
    Path encrypted =
        Files.writeString(
            temp.resolve("encrypted"), pem.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY"));
    Path old = Files.writeString(temp.resolve("old"), pem.replace("PRIVATE", "EC PRIVATE"));
    assertRefused(
        "the certificate for Redis, %s, is no PEM file of one; name one, with BEGIN CERTIFICATE in it",
        text, service.key(), text);
    assertRefused(
        "the key for Redis, %s, is no PEM file of one; name one, with BEGIN PRIVATE KEY in it",
        service.certificate(), text, text);
    assertRefused(
        "the key for Redis, %s, is encrypted; decrypt it with openssl pkey -in KEY -out DECRYPTED",
        service.certificate(), encrypted, encrypted);
    assertRefused(
        "the key for Redis, %s, is not in the form of PKCS #8; change it with openssl pkey -in KEY"
            + " -out CHANGED",
        service.certificate(), old, old);
    assertRefused(
        "the key for Redis, %s, is not that of the certificate; name the two that belong together",
        service.certificate(), stranger.key(), stranger.key());
  }

  private static void assertRefused(String why, Path certificate, Path key, Path named) {
    IOException refused =
        assertThrows(
            IOException.class, () -> ClientCertificate.check(new Tls.Own(certificate, key)));
    assertEquals(why.formatted(named), refused.getMessage());
  }
}
