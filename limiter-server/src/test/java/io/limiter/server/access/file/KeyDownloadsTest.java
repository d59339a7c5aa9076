package io.limiter.server.access.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.limiter.server.access.Access;
import io.limiter.server.access.AccessException;
import io.limiter.server.access.AccessListener;
import io.limiter.server.access.Asker;
import io.limiter.server.access.Method;
import io.limiter.server.access.Shown;
import io.limiter.server.access.Tokens;
import io.limiter.testing.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Keys that an issuer publishes at a URL. */
@Timeout(120)
class KeyDownloadsTest {
  private static final Duration OFTEN = Duration.ofMillis(20);
  private static final Duration NEVER_AGAIN = Duration.ofDays(1);
  private static final Logger SPEAKER = (Logger) LoggerFactory.getLogger(KeyDownloads.class);

  @TempDir Path folder;
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private final AtomicInteger asked = new AtomicInteger();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private HttpServer issuer;
  private volatile Answer answer = exchange -> {};

  private interface Answer {
    void to(HttpExchange exchange) throws IOException;
  }

  @BeforeEach
  void publish() throws IOException {
    log.list = new CopyOnWriteArrayList<>();
    log.start();
    SPEAKER.addAppender(log);
    issuer = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    issuer.setExecutor(threads);
    issuer.createContext(
        "/jwks.json",
        exchange -> {
          asked.incrementAndGet();
          try (exchange) {
            answer.to(exchange);
          }
        });
    issuer.start();
    Files.writeString(folder.resolve("secrets"), "s".repeat(40));
    write("http://127.0.0.1:%d/jwks.json".formatted(issuer.getAddress().getPort()));
  }

  @AfterEach
  void end() {
    SPEAKER.detachAppender(log);
    issuer.stop(0);
    threads.shutdownNow();
  }

  private void write(String keys) throws IOException {
    Files.writeString(
        folder.resolve("access.yaml"),
        """
        callers:
          - name: shop
            tokens: ["%s"]
            jwt: [{ issuer: corp, subject: shop }]
            grants: [{ methods: [check], domains: ["*"] }]
        issuers:
          - { name: corp, issuer: "%s", audience: "%s", keys: "%s" }
        """
            .formatted(Tokens.hash("secret"), Tokens.ISSUER, Tokens.AUDIENCE, keys));
  }

  private AccessWatch watch(Duration every) throws IOException {
    return new AccessWatch(
        new AccessFiles(folder.resolve("access.yaml"), folder.resolve("secrets")),
        new KeyDownloads(every),
        AccessListener.NONE,
        System::currentTimeMillis);
  }

  private static Answer document(String text) {
    return exchange -> {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(200, bytes.length);
      exchange.getResponseBody().write(bytes);
    };
  }

  private static Answer status(int status) {
    return exchange -> {
      exchange.getResponseHeaders().set("Location", "/other.json");
      exchange.sendResponseHeaders(status, -1);
    };
  }

  private static boolean admits(AccessWatch watch, String token) {
    Access access = watch.access().orElseThrow();
    Shown shown = new Shown(List.of(), token, OptionalInt.empty());
    try {
      Asker known = access.known(shown);
      return (known == null ? access.verify(shown).join() : known).may(Method.CHECK, "any");
    } catch (AccessException refused) {
      return false;
    }
  }

  private static String token(Tokens by) {
    return by.of("shop", Instant.now().plusSeconds(3_600));
  }

  private boolean isLogged(String part) {
    return log.list.stream().anyMatch(event -> event.getFormattedMessage().contains(part));
  }

  @Test
  void keysAreThoseOfTheDocument_andThoseThatReplaceThem() throws IOException {
    Tokens first = new Tokens("k1");
    Tokens second = new Tokens("k2");
    answer = document(first.jwks());
    try (AccessWatch watch = watch(OFTEN)) {
      assertTrue(admits(watch, token(first)), "from the start");
      assertFalse(admits(watch, token(second)));
      answer = document(second.jwks());
      Await.until(
          () -> {
            watch.look();
            return admits(watch, token(second));
          });
      assertFalse(admits(watch, token(first)));
    }
  }

  /** What an issuer cannot say takes nothing from what it has said. */
  @Test
  void whatCannotBeHadOrUsed_leavesTheKeysOfBefore_andIsSaid() throws IOException {
    Tokens issuing = new Tokens("k1");
    answer = document(issuing.jwks());
    try (AccessWatch watch = watch(OFTEN)) {
      for (Bad bad :
          List.of(
              new Bad(status(500), "it answers 500; name the URL of the document itself"),
              new Bad(status(302), "it answers 302; name the URL of the document itself"),
              new Bad(document(""), "the document holds no keys"),
              new Bad(document("{\"keys\":[]}"), "the document holds no public key for signatures"),
              new Bad(document(issuing.key().toJSONString()), "the document holds no"),
              new Bad(document(" ".repeat(2 << 20)), "it holds more than 1048576 bytes"),
              new Bad(exchange -> {}, "cannot be had: "))) {
        log.list.clear();
        answer = bad.answer;
        Await.until(() -> isLogged(bad.said), () -> bad.said + " is not among " + log.list);
        assertTrue(isLogged("tokens of their issuer are judged by those of before"));
        watch.look();
        watch.look();
        assertTrue(admits(watch, token(issuing)), bad.said);
      }
    }
  }

  private record Bad(Answer answer, String said) {}

  @Test
  void anIssuerThatIsAwayAtTheStart_keepsNobodyElseOut_andIsBelievedOnceItIsThere()
      throws IOException {
    Tokens issuing = new Tokens("k1");
    answer = status(503);
    try (AccessWatch watch = watch(OFTEN)) {
      assertFalse(admits(watch, token(issuing)));
      assertTrue(admits(watch, "shop.secret"));
      assertTrue(isLogged("until then tokens of their issuer are refused"));
      answer = document(issuing.jwks());
      Await.until(
          () -> {
            watch.look();
            return admits(watch, token(issuing));
          });
    }
  }

  /** Else whoever shows tokens with keys of his own making has the issuer asked for each. */
  @Test
  void tokensOfUnknownKeys_haveNobodyAskedAnything() throws IOException {
    Tokens issuing = new Tokens("k1");
    answer = document(issuing.jwks());
    try (AccessWatch watch = watch(NEVER_AGAIN)) {
      for (int i = 0; i < 10; i++) {
        Tokens unknown = new Tokens("unknown-" + i);
        assertFalse(admits(watch, token(unknown)));
      }
      watch.look();
      watch.look();
      assertEquals(1, asked.get());
    }
  }

  @Test
  void anIssuerThatIsNamedNoMore_isAskedNoMore() throws IOException {
    Tokens issuing = new Tokens("k1");
    answer = document(issuing.jwks());
    try (AccessWatch watch = watch(OFTEN)) {
      Files.writeString(folder.resolve("jwks.json"), issuing.jwks());
      write("jwks.json");
      watch.look();
      watch.look();
      int before = asked.get();
      AtomicInteger elsewhere = new AtomicInteger();
      issuer.createContext(
          "/other.json",
          exchange -> {
            elsewhere.incrementAndGet();
            document(issuing.jwks()).to(exchange);
            exchange.close();
          });
      try (KeyDownloads other = new KeyDownloads(OFTEN)) {
        other.keep(Set.of(URI.create(url("/other.json"))));
        Await.until(() -> elsewhere.get() >= 10);
      }
      // One may have been under way.
      assertTrue(asked.get() <= before + 1, () -> asked + " after " + before);
      assertTrue(admits(watch, token(issuing)));
    }
  }

  private String url(String path) {
    return "http://127.0.0.1:" + issuer.getAddress().getPort() + path;
  }
}
