package io.limiter.server.rules.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.limiter.server.process.Documentation;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

class RulesSchemaTest {
  private static final String RESOURCE = "/limiter-rules.schema.json";
  private static final Path COMMITTED = Path.of("src/main/resources" + RESOURCE);

  private final Schema schema =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
          .getSchema(RulesSchema.json());

  private boolean accepts(String yaml) {
    Object value = new Load(LoadSettings.builder().build()).loadFromString(yaml);
    return schema.validate(new Gson().toJson(value), InputFormat.JSON).isEmpty();
  }

  @Test
  void theCommittedSchema_isTheGeneratedOne() throws IOException {
    try (InputStream shipped = RulesSchemaTest.class.getResourceAsStream(RESOURCE)) {
      assertNotNull(shipped);
      assertEquals(
          RulesSchema.json(),
          new String(shipped.readAllBytes(), StandardCharsets.UTF_8),
          "refresh it: java -jar limiter-server/target/limiter-server.jar schema > limiter-server/"
              + COMMITTED);
    }
  }

  @Test
  void everySample_isAccepted() throws IOException {
    List<String> samples = new ArrayList<>();
    for (Path folder :
        List.of(Path.of("src/main/resources/sample-rules"), Path.of("../deploy/rules"))) {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.filter(path -> path.toString().endsWith(".yaml")).toList()) {
          samples.add(Files.readString(file));
        }
      }
    }
    Documentation.read().rules().forEach(shown -> samples.add(shown.text()));
    assertTrue(samples.size() > 6, () -> "samples: " + samples.size());
    samples.forEach(sample -> assertTrue(accepts(sample), sample));
  }

  @Test
  void mistakesOfStructure_areRefused() throws IOException {
    Set<String> accepted = new TreeSet<>();
    int refused = 0;
    try (Stream<Path> files = Files.list(Path.of("src/test/resources/bad-rules"))) {
      // Aliases that contain themselves are no JSON.
      for (Path file : files.filter(file -> !file.toString().contains("alias")).toList()) {
        try {
          if (accepts(Files.readString(file))) {
            accepted.add(file.getFileName().toString().replace(".yaml", ""));
          } else {
            refused++;
          }
        } catch (IOException | YamlEngineException notYaml) {
          // Not YAML at all: no schema is asked.
        }
      }
    }
    assertEquals(NOT_SEEN, accepted, "mistakes that only the readers see");
    assertTrue(refused > 50, "refused: " + refused);
  }

  @Test
  void anUnknownField_isRefusedAtEveryLevel() {
    String rule = "domain: d\nrules: [{ name: r, algorithm: sliding-log, limit: 1, window: 1s%s }]";
    assertTrue(accepts(rule.formatted("")));
    for (String more :
        List.of(
            ", x: 1",
            ", ip-prefix: { v5: 1 }",
            ", candidate: { x: 1 }",
            ", overrides: [{ when: { a: b }, x: 1 }]")) {
      assertFalse(accepts(rule.formatted(more)), more);
    }
    String profile = "authorize: { web: { domain: d, attributes: { a: path }%s } }";
    assertTrue(accepts(profile.formatted("")));
    for (String more :
        List.of(
            ", x: 1",
            ", cost: { header: X, most: 1, x: 1 }",
            ", on-denial: { x: 400 }",
            ", headers: { x: 1 }")) {
      assertFalse(accepts(profile.formatted(more)), more);
    }
    assertFalse(accepts("authorize: { web: { domain: d, attributes: { a: { path: true } } } }"));
    assertFalse(accepts("domain: d\nrules: []\nx: 1"));
    assertFalse(accepts("domain: d\ndescriptors: [{ key: a, descriptors: [{ key: b, x: 1 }] }]"));
  }

  /** What they add up to, what they repeat, and what is inside a text. */
  private static final Set<String> NOT_SEEN =
      new TreeSet<>(
          Set.of(
              "attribute-twice",
              "burst-passes-bound",
              "calendar-on-sliding-log",
              "candidate-bounds",
              "candidate-incomplete",
              "candidate-number-of-another-algorithm",
              "candidate-of-calendar",
              "candidate-off",
              "candidate-same",
              "candidate-unlimited",
              "charge-bucket-passes-bound",
              "charge-counter-passes-bound",
              "charge-decimals",
              "charge-learn",
              "charge-limit-passes-bound",
              "charge-of-no-name",
              "charge-rate-of-nothing",
              "charge-text",
              "cidr-host-bits",
              "cidr-mapped-prefix",
              "cidr-prefix",
              "descriptor-domain-control",
              "descriptor-domain-long",
              "descriptor-multiplier-long",
              "descriptor-multiplier-zero",
              "descriptor-nested-deep",
              "descriptor-replaces-empty",
              "descriptor-replaces-itself",
              "descriptor-requests-too-many",
              "descriptor-share-threshold",
              "descriptor-twice",
              "descriptor-unit-unlimited",
              "enforce-none-of-one-key",
              "enforce-off",
              "enforce-shadow",
              "enforce-too-much",
              "enforce-without-key",
              "escape-of-nothing",
              "hold-long",
              "hold-short",
              "hold-with-lease",
              "degrade-above-too-much",
              "lease-idle-long",
              "lease-idle-short",
              "lease-size-nothing",
              "lease-size-too-much",
              "from-of-candidate",
              "from-on-day",
              "learn-lease",
              "lease-priorities",
              "limit-out-of-range",
              "limit-sliding-counter",
              "name-twice",
              "negated-twice",
              "prices-decimals",
              "prices-default-free",
              "prices-unit-name",
              "priorities-name",
              "priorities-share",
              "soft-order",
              "share-candidate",
              "share-charge-holds-nothing",
              "share-guarantee",
              "share-hold",
              "share-holds-nothing",
              "share-key-of-the-rule",
              "share-learn",
              "share-lease",
              "share-never",
              "share-override-alone",
              "share-override-numbers",
              "share-priorities",
              "share-soft",
              "share-weight",
              "profile-default-unused",
              "profile-source-empty",
              "profile-trusted-of-one-address",
              "retry-spread-too-much",
              "never-in-zone",
              "never-on-sliding-log",
              "override-bounds",
              "override-charge-alone",
              "override-of-unlimited",
              "override-unlimited-and-more",
              "override-when-empty",
              "pattern-long",
              "rate-period",
              "rate-zero",
              "window-long",
              "window-overflow",
              "zone-unknown",
              "zone-with-span"));
}
