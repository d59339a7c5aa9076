package io.limiter.server.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.server.api.RateLimiterApi;
import io.limiter.server.api.RequestLimits;
import io.limiter.server.certificate.ServerTls;
import io.limiter.server.decide.Limiter;
import io.limiter.server.decide.UnknownDomain;
import io.limiter.server.envoy.EnvoyApi;
import io.limiter.server.envoy.EnvoySettings;
import io.limiter.server.gateway.GatewayApi;
import io.limiter.server.http.HttpServer;
import io.limiter.server.http.Readiness;
import io.limiter.server.metrics.Metrics;
import io.limiter.server.rules.live.LiveRules;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.ForwardingCounterStore;
import io.limiter.server.store.local.LocalCounters;
import io.limiter.testing.Identity;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the warm-up asks by HTTP is what is decided. */
@Timeout(60)
class WarmupHttpTest {
  private static final int CALLS = 1_000;

  @TempDir Path folder;
  private final AtomicInteger decided = new AtomicInteger();

  private final class Counting extends ForwardingCounterStore {
    Counting() {
      super(LocalCounters.now());
    }

    @Override
    public CompletionStage<Answer> decide(Charge charge) {
      decided.incrementAndGet();
      return super.decide(charge);
    }
  }

  @Test
  void mostCalls_areDecided() throws Exception {
    assertMostAreDecided(Optional.empty());
  }

  @Test
  void mostCalls_areDecided_overTls() throws Exception {
    Identity identity = Identity.make(folder, "service", "san=dns:limiter");
    assertMostAreDecided(
        Optional.of(
            new ServerTls(
                    "HTTP",
                    identity.certificate(),
                    identity.key(),
                    Optional.of(identity.certificate()))
                .withoutClients()));
  }

  private void assertMostAreDecided(Optional<ServerTls> tls) throws Exception {
    LiveRules rules = LiveRules.fixed(WarmupQuestions.rules(), Clock.systemUTC());
    Metrics metrics = new Metrics(rules, "1");
    Limiter limiter = new Limiter(rules, new Counting(), metrics, UnknownDomain.ERROR);
    HttpServer http =
        HttpServer.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            tls,
            Optional.empty(),
            metrics,
            () -> new Readiness(List.of()),
            rules::state);
    try {
      http.serve(
          new RateLimiterApi(limiter, RequestLimits.DEFAULTS),
          new EnvoyApi(limiter, EnvoySettings.DEFAULTS, metrics),
          new GatewayApi(rules, limiter));
      WarmupSockets sockets = WarmupSockets.to(http.reachable(), tls.isPresent());
      AtomicInteger asked = new AtomicInteger();
      new WarmupHttp(sockets, asked, CALLS, () -> asked.get() < 10 * CALLS, () -> 60_000)
          .ask(new WarmupQuestions("me"));
      assertTrue(asked.get() >= CALLS && asked.get() < 2 * CALLS, asked::toString);
      assertTrue(decided.get() > asked.get() * 9 / 10, () -> decided + " of " + asked);
      AtomicInteger none = new AtomicInteger();
      new WarmupHttp(sockets, none, CALLS, () -> false, () -> 60_000)
          .ask(new WarmupQuestions("me"));
      assertEquals(0, none.get());
    } finally {
      http.stop();
      metrics.close();
    }
  }
}
