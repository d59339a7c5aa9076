package io.limiter.server.envoy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.UInt32Value;
import com.google.protobuf.UInt64Value;
import io.limiter.envoy.descriptor.RateLimitDescriptor;
import io.limiter.envoy.service.RateLimitRequest;
import io.limiter.envoy.service.RateLimitResponse;
import io.limiter.envoy.type.RateLimitUnit;
import io.limiter.server.decide.DescriptorRequest;
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
import org.junit.jupiter.params.provider.CsvSource;

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
  private static final List<String> VALUES =
      List.of("", "x", "x1", "b", "b_x", "x1y", "x*", "xyx1", "x1x1y", "1x1");
  private static final List<String> CONFIGURED =
      List.of("", "", "x", "x1", "b", "x*", "x1*", "*", "b_x");

  /** A window in their terms. */
  private record Period(String unit, int multiplier, long days) {
    /** Whether it does not turn while the test runs. */
    boolean isLongEnough() {
      long seconds = days * multiplier * 86_400;
      return seconds - Math.floorMod(System.currentTimeMillis() / 1_000, seconds) > 1_200;
    }
  }

  private static final List<Period> PERIODS =
      List.of(
              new Period("week", 1, 7),
              new Period("month", 1, 30),
              new Period("year", 1, 365),
              new Period("day", 9, 1),
              new Period("week", 2, 7),
              new Period("month", 5, 30))
          .stream()
          .filter(Period::isLongEnough)
          .toList();

  private static final List<String> NAMES = List.of("", "", "n1", "n2", "n3");

  private final Random random = new Random(SEED);

  @ParameterizedTest
  @CsvSource({
    "false, ENFORCE",
    "true, ENFORCE",
    "false, QUOTA",
    "true, QUOTA",
    "false, SHADOW",
    "true, SHADOW"
  })
  void randomConfigurations_areAnsweredAsTheModelDoes(boolean chargeOnDeny, EnvoyModel.Mode mode)
      throws Exception {
    String run = UUID.randomUUID().toString();
    List<EnvoyModel> models = new ArrayList<>();
    String[] files = new String[DOMAINS];
    for (int i = 0; i < DOMAINS; i++) {
      List<EnvoyModel.Node> tree = level(1);
      models.add(new EnvoyModel(tree, chargeOnDeny, mode));
      StringBuilder yaml = new StringBuilder("domain: " + run + i + "\n");
      yaml.append("charge-on-deny: ").append(chargeOnDeny).append("\ndescriptors:\n");
      write(tree, "  ", yaml);
      files[i] = yaml.toString();
    }
    RedisSettings settings = RedisSettings.of(TestRedis.shared().uri(), Duration.ofSeconds(60));
    int over = 0;
    int limited = 0;
    try (RedisCounterStore store = RedisCounterStore.connect(settings, StoreListener.NONE);
        EnvoyAsked envoy = EnvoyAsked.of(store, settings(mode), files)) {
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
                "seed %d, step %d, charge-on-deny %s, mode %s, asked %s of%n%s"
                    .formatted(SEED, at, chargeOnDeny, mode, asked, files[domain]));
        over += expected.over() ? 1 : 0;
        limited += (int) expected.said().stream().filter(EnvoyModel.Said::limited).count();
      }
    }
    System.out.printf(
        "seed %d: %d requests of %d random configurations, charge-on-deny %s, mode %s:"
            + " all as the model says; %d denied, %d statuses with a limit%n",
        SEED, STEPS, DOMAINS, chargeOnDeny, mode, over, limited);
  }

  private static EnvoySettings settings(EnvoyModel.Mode mode) {
    return EnvoySettings.DEFAULTS.withLeniency(
        switch (mode) {
          case ENFORCE -> DescriptorRequest.Leniency.NONE;
          case SHADOW -> DescriptorRequest.Leniency.SHADOW;
          case QUOTA -> DescriptorRequest.Leniency.QUOTA;
        });
  }

  /** With stars wherever they may be. */
  private String configured() {
    if (random.nextInt(3) > 0) {
      return one(CONFIGURED);
    }
    StringBuilder pattern = new StringBuilder();
    int pieces = 1 + random.nextInt(3);
    for (int i = 0; i < pieces; i++) {
      pattern.append("*".repeat(random.nextInt(3))).append(one(List.of("", "x", "x1", "1", "y")));
    }
    return pattern.append("*".repeat(random.nextInt(2))).toString();
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
      String value = configured();
      String composite = value.isEmpty() ? key : key + "_" + value;
      if (composites.add(composite)) {
        boolean share = composite.contains("*") && random.nextBoolean();
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
    Period period = one(PERIODS);
    return new EnvoyModel.Limit(
        unlimited ? "" : period.unit(),
        unlimited ? 1 : period.multiplier(),
        random.nextInt(8),
        unlimited,
        name,
        replaces);
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
        boolean multiple = limit.multiplier() != 1;
        line(yaml, indent, multiple, "  unit_multiplier: " + limit.multiplier());
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
      EnvoyModel.Limit own = random.nextInt(20) == 0 ? own(one(PERIODS)) : EnvoyModel.Limit.NONE;
      EnvoyModel.Asked asked = new EnvoyModel.Asked(entries, hits, own);
      request.add(asked);
      if (random.nextInt(8) == 0) {
        request.add(asked);
      }
    }
    return request;
  }

  private EnvoyModel.Limit own(Period period) {
    return new EnvoyModel.Limit(
        period.unit(), period.multiplier(), random.nextInt(9), false, "", Set.of());
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
        RateLimitDescriptor.RateLimitOverride.Builder own =
            descriptor
                .getLimitBuilder()
                .setRequestsPerUnit((int) one.own().requests())
                .setUnit(RateLimitUnit.valueOf(one.own().unit().toUpperCase(Locale.ROOT)));
        if (one.own().multiplier() != 1) {
          own.setUnitMultiplier(UInt32Value.of(one.own().multiplier()));
        }
      }
      request.addDescriptors(descriptor);
    }
    return request.build();
  }

  private static String show(EnvoyModel.Answer answer) {
    StringBuilder text = new StringBuilder(answer.over() ? "OVER_LIMIT" : "OK");
    for (EnvoyModel.Said said : answer.said()) {
      text.append(said.over() ? " OVER_LIMIT " : " OK ").append(said.remaining());
      EnvoyModel.Limit limit = said.limit();
      text.append(
          said.limited()
              ? " of %d a %d %s".formatted(limit.requests(), limit.multiplier(), limit.unit())
              : "");
    }
    return text.toString();
  }

  private static String show(RateLimitResponse response) {
    StringBuilder text = new StringBuilder(response.getOverallCode().name());
    for (RateLimitResponse.DescriptorStatus status : response.getStatusesList()) {
      text.append(' ').append(status.getCode()).append(' ');
      text.append(Integer.toUnsignedString(status.getLimitRemaining()));
      if (status.hasCurrentLimit()) {
        RateLimitResponse.RateLimit limit = status.getCurrentLimit();
        text.append(" of ").append(limit.getRequestsPerUnit()).append(" a ");
        text.append(limit.hasUnitMultiplier() ? limit.getUnitMultiplier().getValue() : 1);
        text.append(' ').append(limit.getUnit().name().toLowerCase(Locale.ROOT));
      }
    }
    return text.toString();
  }
}
