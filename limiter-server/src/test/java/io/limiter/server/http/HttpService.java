package io.limiter.server.http;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.limiter.server.api.RateLimiterApi;
import io.limiter.server.api.RequestLimits;
import io.limiter.server.certificate.ServerTls;
import io.limiter.server.decide.DecisionListener;
import io.limiter.server.decide.Limiter;
import io.limiter.server.envoy.EnvoyApi;
import io.limiter.server.envoy.EnvoySettings;
import io.limiter.server.gateway.GatewayApi;
import io.limiter.server.metrics.Metrics;
import io.limiter.server.rules.file.LoadedRules;
import io.limiter.server.rules.file.RuleFiles;
import io.limiter.server.rules.live.LiveRules;
import io.limiter.server.rules.table.RuleTable;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.ForwardingCounterStore;
import io.limiter.server.store.StoreException;
import io.limiter.server.store.local.LocalCounters;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** An HTTP port with one rule of three a user, and a client of it. */
final class HttpService implements AutoCloseable {
  /** A question. */
  static final String ALICE = "{\"domain\":\"edge\",\"attributes\":{\"user\":\"alice\"}}";

  private static final String EDGE =
      """
      domain: edge
      rules:
        - { name: per-user, key: [user], algorithm: fixed-window, limit: 3, window: 300d }
      """;

  final Told counters = new Told();
  final HttpClient client = HttpClient.newHttpClient();
  private volatile RuleTable rules = table(EDGE);
  private final Metrics metrics = new Metrics(() -> RuleTable.EMPTY, "1.2.3");
  private final HttpServer server;

  /** Counters that remember how long callers wait, and fail or wait if they are told to. */
  static final class Told extends ForwardingCounterStore {
    final CompletableFuture<Void> asked = new CompletableFuture<>();
    volatile CompletableFuture<Void> gate = CompletableFuture.completedFuture(null);
    volatile @Nullable StoreException failure;
    volatile long waitNanos;

    Told() {
      super(LocalCounters.now());
    }

    @Override
    public CompletionStage<Answer> decide(Charge charge) {
      waitNanos = charge.waitNanos();
      asked.complete(null);
      StoreException fails = failure;
      return fails == null
          ? gate.thenCompose(open -> super.decide(charge))
          : CompletableFuture.failedFuture(fails);
    }
  }

  /** Listens in clear, and serves no calls yet. */
  HttpService() {
    this(Optional.empty(), HttpBounds.ofThisProcess());
  }

  /** Listens within bounds, and serves no calls yet. */
  HttpService(Optional<ServerTls> tls, HttpBounds bounds) {
    try {
      server =
          HttpServer.start(
              new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
              tls,
              Optional.empty(),
              bounds,
              new Pages(
                  metrics,
                  () -> new Readiness(List.of()),
                  () -> LiveRules.fixed(RuleFiles.samples(), Clock.systemUTC()).state()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Serves calls. */
  void serve() {
    Limiter limiter = new Limiter(this::table, counters, DecisionListener.NONE);
    server.serve(
        new RateLimiterApi(limiter, RequestLimits.DEFAULTS),
        new EnvoyApi(limiter, EnvoySettings.DEFAULTS),
        new GatewayApi(this::table, limiter));
  }

  /** Serves calls by the rules and profiles of these files. */
  void serve(String... files) {
    reload(files);
    serve();
  }

  /** Decides by these files from now on, in the place of all others. */
  void reload(String... files) {
    rules = table(files);
  }

  private RuleTable table() {
    return rules;
  }

  private static RuleTable table(String... files) {
    List<RuleFiles.Source> sources = new ArrayList<>();
    for (String file : files) {
      sources.add(new RuleFiles.Source(sources.size() + ".yaml", file));
    }
    LoadedRules loaded = RuleFiles.load(sources);
    if (!loaded.problems().isEmpty()) {
      throw new IllegalArgumentException(loaded.problems().toString());
    }
    return loaded.table().withHash("abc");
  }

  HttpServer server() {
    return server;
  }

  int port() {
    return server.port();
  }

  URI uri(String path) {
    return URI.create("http://127.0.0.1:" + port() + path);
  }

  HttpResponse<String> post(String path, String body, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri(path)).POST(HttpRequest.BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  static JsonObject json(HttpResponse<String> response) {
    return JsonParser.parseString(response.body()).getAsJsonObject();
  }

  @Override
  public void close() {
    server.stop();
    metrics.close();
  }
}
