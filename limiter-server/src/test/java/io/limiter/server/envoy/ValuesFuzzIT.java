package io.limiter.server.envoy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.net.InetAddresses;
import com.google.common.util.concurrent.ListenableFuture;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.limiter.envoy.service.RateLimitRequest;
import io.limiter.envoy.service.RateLimitResponse;
import io.limiter.envoy.service.RateLimitResponse.Code;
import io.limiter.envoy.service.RateLimitServiceGrpc;
import io.limiter.server.api.RateLimiterApi;
import io.limiter.server.api.RequestLimits;
import io.limiter.server.decide.DecisionListener;
import io.limiter.server.decide.Limiter;
import io.limiter.server.grpc.GrpcServer;
import io.limiter.server.rules.file.LoadedRules;
import io.limiter.server.rules.file.RuleFiles;
import io.limiter.server.store.redis.Patient;
import io.limiter.server.store.redis.RedisCounterStore;
import io.limiter.server.store.redis.StoreListener;
import io.limiter.testing.TestRedis;
import io.limiter.v1.CheckAndConsumeBatchRequest;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.ExplainRequest;
import io.limiter.v1.ExplainResponse;
import io.limiter.v1.RateLimiterGrpc;
import io.limiter.v1.ResetRequest;
import io.limiter.v1.ResetResponse;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/**
 * Values of every form, asked of a real service over a real Redis: each is decided, none is
 * admitted past an exhausted limit, and what is one address has one counter.
 *
 * <p>{@code -Dlimiter.fuzz.values=1000000} asks more of them, {@code -Dlimiter.fuzz.seed} others.
 */
class ValuesFuzzIT {
  private static final int VALUES = Integer.getInteger("limiter.fuzz.values", 2_000);
  private static final long SEED = Long.getLong("limiter.fuzz.seed", 4_291);
  private static final int ROUND = 250;
  private static final String RUN = UUID.randomUUID().toString();
  private static final String[] FILES = {
    """
    domain: %s-open
    rules:
      - { name: each, key: [v], algorithm: fixed-window, limit: 1, window: year }
      - name: some
        key: [v]
        when: { v: [10.0.0.0/8, "2001:db8::/32", "a*", "*%%*", "!::1/128"] }
        algorithm: fixed-window
        limit: 1000000
        window: year
    """,
    """
    domain: %s-shut
    rules:
      - { name: all, algorithm: fixed-window, limit: 0, window: year }
      - { name: out, when: { v: "!10.0.0.0/8" }, algorithm: fixed-window, limit: 9, window: year }
    """,
    """
    domain: %s-texts
    descriptors:
      - { key: v, rate_limit: { unit: year, requests_per_unit: 1 } }
    """
  };

  private final Random random = new Random(SEED);

  @Test
  void noValue_getsPastALimitByItsForm() throws Exception {
    List<RuleFiles.Source> sources = new ArrayList<>();
    for (String file : FILES) {
      sources.add(new RuleFiles.Source(sources.size() + ".yaml", file.formatted(RUN)));
    }
    LoadedRules loaded = RuleFiles.load(sources);
    assertEquals(List.of(), loaded.problems());
    try (RedisCounterStore store =
        RedisCounterStore.connect(Patient.settings(TestRedis.shared().uri()), StoreListener.NONE)) {
      while (!store.connected()) {
        Thread.onSpinWait();
      }
      Limiter limiter = new Limiter(loaded::table, store, DecisionListener.NONE);
      GrpcServer server =
          GrpcServer.start(
              new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
              new RateLimiterApi(limiter, RequestLimits.DEFAULTS),
              new EnvoyApi(limiter, EnvoySettings.DEFAULTS));
      ManagedChannel channel =
          NettyChannelBuilder.forAddress("127.0.0.1", server.port())
              .usePlaintext()
              .maxInboundMessageSize(64 << 20)
              .build();
      try {
        Asked asked = new Asked(channel);
        for (int done = 0; done < VALUES; done += ROUND) {
          List<String> values = new ArrayList<>();
          while (values.size() < Math.min(ROUND, VALUES - done)) {
            values.add(value());
          }
          asked.round(values);
        }
        System.out.printf(
            "%d values with seed %d: %d admitted, %d denied, %d addresses%n",
            VALUES, SEED, asked.admitted, asked.denied, asked.addresses);
        assertTrue(asked.addresses > VALUES / 20, () -> "addresses: " + asked.addresses);
      } finally {
        channel.shutdownNow();
        server.shutdown(Duration.ofSeconds(1));
      }
    }
  }

  private static final class Asked {
    private final RateLimiterGrpc.RateLimiterFutureStub ask;
    private final RateLimitServiceGrpc.RateLimitServiceFutureStub envoy;
    private int admitted;
    private int denied;
    private int addresses;

    Asked(ManagedChannel channel) {
      ask = RateLimiterGrpc.newFutureStub(channel);
      envoy = RateLimitServiceGrpc.newFutureStub(channel);
    }

    void round(List<String> values) throws Exception {
      Map<String, String> counters = new LinkedHashMap<>();
      List<CheckAndConsumeResponse> open = check("-open", values);
      for (int i = 0; i < values.size(); i++) {
        String value = values.get(i);
        boolean first = counters.putIfAbsent(counter(value), value) == null;
        assertEquals(first, answered(open.get(i), value).getAllowed(), () -> shown(value));
        admitted += first ? 1 : 0;
        denied += first ? 0 : 1;
      }
      List<CheckAndConsumeResponse> shut = check("-shut", values);
      for (int i = 0; i < values.size(); i++) {
        String value = values.get(i);
        assertTrue(!answered(shut.get(i), value).getAllowed(), () -> shown(value));
      }
      Map<String, String> keys = new HashMap<>();
      Map<String, String> back = new HashMap<>();
      inTurn(values, this::explain)
          .forEach(
              (value, explained) -> {
                String key = explained.getRules(0).getCounter().getKey();
                String counter = counter(value);
                assertEquals(key, keys.computeIfAbsent(counter, none -> key), () -> shown(value));
                assertEquals(
                    counter, back.computeIfAbsent(key, none -> counter), () -> shown(value));
              });
      expect(Code.OVER_LIMIT, all(values, value -> envoy("-open", value)));
      expect(Code.OVER_LIMIT, all(values, value -> envoy("-shut", value)));
      Set<String> texts = new HashSet<>(values);
      expect(Code.OK, all(texts, value -> envoy("-texts", value)));
      expect(Code.OVER_LIMIT, all(texts, value -> envoy("-texts", value)));
      inTurn(counters.values(), this::reset)
          .forEach((value, reset) -> assertTrue(reset.getCountersReset() > 0, () -> shown(value)));
      all(texts, value -> envoy.shouldRateLimit(request("-texts", value, -1)));
      addresses += (int) counters.keySet().stream().filter(c -> c.startsWith("/")).count();
    }

    private static void expect(Code code, Map<String, RateLimitResponse> answers) {
      answers.forEach(
          (value, answer) -> assertEquals(code, answer.getOverallCode(), () -> shown(value)));
    }

    private static CheckAndConsumeResponse answered(CheckAndConsumeResponse answer, String value) {
      assertTrue(!answer.hasError(), () -> shown(value) + ": " + answer.getError());
      return answer;
    }

    private List<CheckAndConsumeResponse> check(String domain, List<String> values)
        throws Exception {
      CheckAndConsumeBatchRequest.Builder batch = CheckAndConsumeBatchRequest.newBuilder();
      for (String value : values) {
        batch.addRequests(
            CheckAndConsumeRequest.newBuilder().setDomain(RUN + domain).putAttributes("v", value));
      }
      return ask.checkAndConsumeBatch(batch.build()).get(60, TimeUnit.SECONDS).getResponsesList();
    }

    private ListenableFuture<ExplainResponse> explain(String value) {
      return ask.explain(
          ExplainRequest.newBuilder().setDomain(RUN + "-open").putAttributes("v", value).build());
    }

    private ListenableFuture<ResetResponse> reset(String value) {
      return ask.reset(
          ResetRequest.newBuilder().setDomain(RUN + "-open").putAttributes("v", value).build());
    }

    private ListenableFuture<RateLimitResponse> envoy(String domain, String value) {
      return envoy.shouldRateLimit(request(domain, value, 1));
    }

    private static RateLimitRequest request(String domain, String value, int hits) {
      RateLimitRequest.Builder request = RateLimitRequest.newBuilder().setDomain(RUN + domain);
      request
          .addDescriptorsBuilder()
          .setIsNegativeHits(hits < 0)
          .addEntriesBuilder()
          .setKey("v")
          .setValue(value);
      return request.build();
    }

    /** One after the other: few such calls may be under way at a time. */
    private static <T> Map<String, T> inTurn(
        Iterable<String> values, Function<String, ListenableFuture<T>> call) throws Exception {
      Map<String, T> answers = new LinkedHashMap<>();
      for (String value : values) {
        if (!answers.containsKey(value)) {
          answers.putAll(all(List.of(value), call));
        }
      }
      return answers;
    }

    /** All at once; what fails fails the test. */
    private static <T> Map<String, T> all(
        Iterable<String> values, Function<String, ListenableFuture<T>> call) throws Exception {
      Map<String, ListenableFuture<T>> calls = new LinkedHashMap<>();
      values.forEach(value -> calls.computeIfAbsent(value, call));
      Map<String, T> answers = new LinkedHashMap<>();
      for (Map.Entry<String, ListenableFuture<T>> one : calls.entrySet()) {
        try {
          answers.put(one.getKey(), one.getValue().get(60, TimeUnit.SECONDS));
        } catch (java.util.concurrent.ExecutionException e) {
          throw new AssertionError(shown(one.getKey()), e);
        }
      }
      return answers;
    }

    /** The counter of a value, found out in another way than the service's: the /64 or the text. */
    private static String counter(String value) {
      boolean ascii = value.chars().allMatch(c -> c < 128) && value.indexOf('%') < 0;
      if (!ascii || !InetAddresses.isInetAddress(value)) {
        return value;
      }
      byte[] bytes = InetAddresses.forString(value).getAddress();
      for (int i = 8; i < bytes.length; i++) {
        bytes[i] = 0;
      }
      return "/" + java.util.HexFormat.of().formatHex(bytes);
    }
  }

  private static String shown(String value) {
    StringBuilder shown = new StringBuilder("seed " + SEED + ": ");
    value
        .chars()
        .limit(200)
        .forEach(c -> shown.append(c > 32 && c < 127 ? "" + (char) c : "\\u%04x".formatted(c)));
    return shown.toString();
  }

  private static final String[] PIECES = {
    ":",
    "::",
    ".",
    "%",
    "%lo",
    "%eth0",
    "%1",
    "[",
    "]",
    "/64",
    "/8",
    "0",
    "00",
    "1",
    "01",
    "255",
    "256",
    "ffff",
    "FFFF",
    "abcd",
    "g",
    "10.1.2.3",
    "1.2.3.4",
    "::ffff:1.2.3.4",
    "::ffff:102:304",
    "2001:db8::1",
    "2001:DB8:0:0::1",
    "fe80::2",
    "64:ff9b::",
    "\n",
    "\r\n",
    "\u001b[2J",
    "\u0000",
    "\u0085",
    "\u2028",
    "１",
    "：",
    "४",
    "。",
    "%25",
    "%0a",
    " ",
    "~64",
    "#",
    "@",
    "{",
    "}",
    "|",
    "a",
    "*",
    "?",
    "!",
    "\\",
    "é",
    "日本",
    "😀",
    "\u202e",
    "-",
    "+",
    "0x1",
    "1e3"
  };

  /** An address in some spelling, its pieces in some order, or whatever else. */
  private String value() {
    StringBuilder value = new StringBuilder();
    switch (random.nextInt(8)) {
      case 0 -> value.append(PIECES[random.nextInt(PIECES.length)]);
      case 1, 2 -> {
        for (int i = random.nextInt(12); i >= 0; i--) {
          value.append(PIECES[random.nextInt(PIECES.length)]);
        }
      }
      case 3 -> {
        for (int i = 0; i < 4; i++) {
          value.append(i == 0 ? "" : ".").append(random.nextInt(300));
        }
      }
      case 4, 5 -> value.append(ipv6());
      case 6 -> {
        value.append(ipv6());
        value.insert(random.nextInt(value.length() + 1), PIECES[random.nextInt(PIECES.length)]);
      }
      default -> {
        int length = random.nextInt(10) == 0 ? random.nextInt(6_000) : random.nextInt(80);
        while (value.length() < length) {
          value.appendCodePoint(
              random.nextBoolean() ? random.nextInt(128) : random.nextInt(0xD800));
        }
      }
    }
    return value.toString();
  }

  private String ipv6() {
    StringBuilder text = new StringBuilder();
    int gap = random.nextInt(10);
    for (int i = 0; i < 8; i++) {
      if (i == gap) {
        text.append(i == 0 ? "::" : ":");
        i += random.nextInt(8 - i);
      } else {
        String digits = Integer.toHexString(random.nextInt(random.nextBoolean() ? 2 : 65_536));
        text.append(random.nextInt(4) == 0 ? digits.toUpperCase(java.util.Locale.ROOT) : digits);
        text.append(i < 7 ? ":" : "");
      }
    }
    return text.toString();
  }
}
