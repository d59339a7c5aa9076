package io.limiter.server.envoy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.UInt64Value;
import io.limiter.envoy.descriptor.RateLimitDescriptor;
import io.limiter.envoy.service.RateLimitRequest;
import io.limiter.envoy.service.RateLimitResponse;
import io.limiter.envoy.type.RateLimitUnit;
import io.limiter.server.store.redis.RedisCounterStore;
import io.limiter.server.store.redis.RedisSettings;
import io.limiter.server.store.redis.StoreListener;
import io.limiter.testing.TestRedis;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random configurations and random requests, asked of the service over gRPC and a real Redis, and
 * of {@link EnvoyModel}. {@code -Dlimiter.test.steps} makes it longer, {@code -Dlimiter.test.seed}
 * gives others.
 */
class EnvoyModelIT {
  private static final long SEED = Long.getLong("limiter.test.seed", 1);
  private static final int STEPS = Integer.getInteger("limiter.test.steps", 100_000) / 10;
  private static final int DOMAINS = 40;
  private static final List<String> KEYS = List.of("a", "b", "a_b", "ab");
  private static final List<String> VALUES = List.of("", "x", "x1", "b", "b_x", "x1y", "x*");
  private static final List<String> CONFIGURED =
      List.of("", "", "x", "x1", "b", "x*", "x1*", "*", "b_x");

  /** Units whose windows do not turn while the test runs. */
  private static final List<String> UNITS =
      List.of("week", "month", "year").stream().filter(EnvoyModelIT::isLongEnough).toList();

  private static final List<String> NAMES = List.of("", "", "n1", "n2", "n3");

  private final Random random = new Random(SEED);

  private static boolean isLongEnough(String unit) {
    long days = unit.equals("week") ? 7 : unit.equals("month") ? 30 : 365;
    long seconds = days * 86_400;
    return seconds - Math.floorMod(System.currentTimeMillis() / 1_000, seconds) > 600;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void randomConfigurations_areAnsweredAsTheModelDoes(boolean chargeOnDeny) throws Exception {
    String run = UUID.randomUUID().toString();
    List<EnvoyModel> models = new ArrayList<>();
    String[] files = new String[DOMAINS];
    for (int i = 0; i < DOMAINS; i++) {
      List<EnvoyModel.Node> tree = level(1);
      models.add(new EnvoyModel(tree, chargeOnDeny));
      StringBuilder yaml = new StringBuilder("domain: " + run + i + "\n");
      yaml.append("charge-on-deny: ").append(chargeOnDeny).append("\ndescriptors:\n");
      write(tree, "  ", yaml);
      files[i] = yaml.toString();
    }
    RedisSettings settings = RedisSettings.of(TestRedis.shared().uri(), Duration.ofSeconds(60));
    int over = 0;
    int limited = 0;
    try (RedisCounterStore store = RedisCounterStore.connect(settings, StoreListener.NONE);
        EnvoyAsked envoy = EnvoyAsked.of(store, EnvoySettings.DEFAULTS, files)) {
      while (!store.connected()) {
        Thread.onSpinWait();
      }
      for (int step = 0; step < STEPS; step++) {
        int domain = random.nextInt(DOMAINS);
        List<EnvoyModel.Asked> asked = request();
        RateLimitRequest request = wire(run + domain, asked);
        RateLimitResponse response = envoy.ask(request);
        EnvoyModel.Answer expected = models.get(domain).ask(asked);
        int at = step;
        assertEquals(
            show(expected),
            show(response),
            () ->
                "seed %d, step %d, charge-on-deny %s, asked %s of%n%s"
                    .formatted(SEED, at, chargeOnDeny, asked, files[domain]));
        over += expected.over() ? 1 : 0;
        limited += (int) expected.said().stream().filter(EnvoyModel.Said::limited).count();
      }
    }
    System.out.printf(
        "seed %d: %d requests of %d random configurations, charge-on-deny %s: all as the model says;"
            + " %d denied, %d statuses with a limit%n",
        SEED, STEPS, DOMAINS, chargeOnDeny, over, limited);
  }

  private <T> T one(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  private List<EnvoyModel.Node> level(int depth) {
    List<EnvoyModel.Node> nodes = new ArrayList<>();
    Set<String> composites = new HashSet<>();
    int count = 2 + random.nextInt(7);
    for (int i = 0; i < count; i++) {
      String key = one(KEYS);
      String value = one(CONFIGURED);
      String composite = value.isEmpty() ? key : key + "_" + value;
      if (composites.add(composite)) {
        boolean share = composite.endsWith("*") && random.nextBoolean();
        nodes.add(
            new EnvoyModel.Node(
                key,
                value,
                random.nextInt(4) == 0 ? EnvoyModel.Limit.NONE : limit(),
                random.nextInt(5) == 0,
                random.nextInt(5) == 0,
                share,
                depth < 3 && random.nextBoolean() ? level(depth + 1) : List.of()));
      }
    }
    return nodes;
  }

  private EnvoyModel.Limit limit() {
    String name = one(NAMES);
    String other = one(NAMES);
    Set<String> replaces =
        random.nextInt(4) == 0 && !other.isEmpty() && !other.equals(name)
            ? Set.of(other)
            : Set.of();
    boolean unlimited = random.nextInt(7) == 0;
    return new EnvoyModel.Limit(
        unlimited ? "" : one(UNITS), random.nextInt(8), unlimited, name, replaces);
  }

  private static void write(List<EnvoyModel.Node> nodes, String indent, StringBuilder yaml) {
    for (EnvoyModel.Node node : nodes) {
      yaml.append(indent).append("- key: ").append(node.key()).append('\n');
      line(yaml, indent, !node.value().isEmpty(), "value: \"" + node.value() + "\"");
      line(yaml, indent, node.shadow(), "shadow_mode: true");
      line(yaml, indent, node.quota(), "quota_mode: true");
      line(yaml, indent, node.share(), "share_threshold: true");
      if (node.limited()) {
        EnvoyModel.Limit limit = node.limit();
        line(yaml, indent, true, "rate_limit:");
        line(yaml, indent, limit.unlimited(), "  unlimited: true");
        line(yaml, indent, !limit.unlimited(), "  unit: " + limit.unit());
        line(yaml, indent, !limit.unlimited(), "  requests_per_unit: " + limit.requests());
        line(yaml, indent, !limit.name().isEmpty(), "  name: " + limit.name());
        for (String name : limit.replaces()) {
          line(yaml, indent, true, "  replaces: [{ name: " + name + " }]");
        }
      }
      if (!node.children().isEmpty()) {
        line(yaml, indent, true, "descriptors:");
        write(node.children(), indent + "    ", yaml);
      }
    }
  }

  private static void line(StringBuilder yaml, String indent, boolean there, String text) {
    if (there) {
      yaml.append(indent).append("  ").append(text).append('\n');
    }
  }

  private List<EnvoyModel.Asked> request() {
    List<EnvoyModel.Asked> request = new ArrayList<>();
    int count = 1 + random.nextInt(4);
    for (int i = 0; i < count; i++) {
      List<EnvoyModel.Entry> entries = new ArrayList<>();
      int depth = random.nextInt(12) == 0 ? 0 : 1 + random.nextInt(3);
      for (int j = 0; j < depth; j++) {
        entries.add(new EnvoyModel.Entry(one(KEYS), one(VALUES)));
      }
      long hits =
          switch (random.nextInt(8)) {
            case 0 -> 0;
            case 1 -> 2 + random.nextInt(4);
            case 2 -> -random.nextInt(4);
            default -> 1;
          };
      EnvoyModel.Limit own =
          random.nextInt(20) == 0
              ? new EnvoyModel.Limit("year", random.nextInt(9), false, "", Set.of())
              : EnvoyModel.Limit.NONE;
      EnvoyModel.Asked asked = new EnvoyModel.Asked(entries, hits, own);
      request.add(asked);
      if (random.nextInt(8) == 0) {
        request.add(asked);
      }
    }
    return request;
  }

  private static RateLimitRequest wire(String domain, List<EnvoyModel.Asked> asked) {
    RateLimitRequest.Builder request = RateLimitRequest.newBuilder().setDomain(domain);
    for (EnvoyModel.Asked one : asked) {
      RateLimitDescriptor.Builder descriptor = RateLimitDescriptor.newBuilder();
      for (EnvoyModel.Entry entry : one.entries()) {
        descriptor.addEntries(
            RateLimitDescriptor.Entry.newBuilder().setKey(entry.key()).setValue(entry.value()));
      }
      if (one.hits() != 1) {
        descriptor
            .setHitsAddend(UInt64Value.of(Math.abs(one.hits())))
            .setIsNegativeHits(one.hits() < 0);
      }
      if (!one.own().equals(EnvoyModel.Limit.NONE)) {
        descriptor.setLimit(
            RateLimitDescriptor.RateLimitOverride.newBuilder()
                .setRequestsPerUnit((int) one.own().requests())
                .setUnit(RateLimitUnit.valueOf(one.own().unit().toUpperCase(Locale.ROOT))));
      }
      request.addDescriptors(descriptor);
    }
    return request.build();
  }

  private static String show(EnvoyModel.Answer answer) {
    StringBuilder text = new StringBuilder(answer.over() ? "OVER_LIMIT" : "OK");
    for (EnvoyModel.Said said : answer.said()) {
      text.append(said.over() ? " OVER_LIMIT " : " OK ").append(said.remaining());
      text.append(said.limited() ? " of " + said.requests() + " a " + said.unit() : "");
    }
    return text.toString();
  }

  private static String show(RateLimitResponse response) {
    StringBuilder text = new StringBuilder(response.getOverallCode().name());
    for (RateLimitResponse.DescriptorStatus status : response.getStatusesList()) {
      text.append(' ').append(status.getCode()).append(' ');
      text.append(Integer.toUnsignedString(status.getLimitRemaining()));
      if (status.hasCurrentLimit()) {
        text.append(" of ").append(status.getCurrentLimit().getRequestsPerUnit());
        text.append(" a ")
            .append(status.getCurrentLimit().getUnit().name().toLowerCase(Locale.ROOT));
      }
    }
    return text.toString();
  }
}
