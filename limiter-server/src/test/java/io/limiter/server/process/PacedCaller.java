package io.limiter.server.process;

import io.limiter.client.CheckRequest;
import io.limiter.client.LimiterClient;
import io.limiter.client.decorate.CallTerms;
import io.limiter.client.decorate.PacedHttpClient;
import io.limiter.client.decorate.Pacer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * A program that calls somebody else's API as fast as that lets it, for a time. Arguments: where
 * the service is, the API's URL, how many threads, and for how many seconds. Prints how its calls
 * ended, such as {@code {200=512}}.
 */
public final class PacedCaller {
  private PacedCaller() {}

  /** Calls. */
  public static void main(String[] arguments) throws Exception {
    URI api = URI.create(arguments[1]);
    int callers = Integer.parseInt(arguments[2]);
    long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(Long.parseLong(arguments[3]));
    Map<String, Integer> ends = new ConcurrentHashMap<>();
    try (LimiterClient limiter =
        LimiterClient.to(arguments[0]).deadline(Duration.ofSeconds(30)).build()) {
      limiter.awaitReady(Duration.ofMinutes(1));
      CheckRequest question = CheckRequest.in("upstreams").attribute("account", "acme");
      PacedHttpClient http =
          new PacedHttpClient(Pacer.by(limiter, question).build(), HttpClient.newHttpClient());
      CallTerms terms = CallTerms.within(Duration.ofMinutes(2));
      ExecutorService threads = Executors.newFixedThreadPool(callers);
      for (int i = 0; i < callers; i++) {
        threads.execute(
            () -> {
              while (System.nanoTime() - endNanos < 0) {
                ends.merge(call(http, api, terms), 1, Integer::sum);
              }
            });
      }
      threads.shutdown();
      if (!threads.awaitTermination(5, TimeUnit.MINUTES)) {
        ends.put("hanging", 1);
      }
    }
    System.out.println(new TreeMap<>(ends));
  }

  private static String call(PacedHttpClient http, URI api, CallTerms terms) {
    try {
      return ""
          + http.send(
                  HttpRequest.newBuilder(api).build(),
                  HttpResponse.BodyHandlers.discarding(),
                  terms)
              .statusCode();
    } catch (Exception lost) {
      return lost.toString();
    }
  }
}
