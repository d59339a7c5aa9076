package io.limiter.server.access.file;

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
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

class AccessSchemaTest {
  private static final String RESOURCE = "/limiter-access.schema.json";
  private static final Path COMMITTED = Path.of("src/main/resources" + RESOURCE);

  /** What two entries share, and what is in another file. */
  private static final Set<String> NOT_SEEN =
      new TreeSet<>(
          Set.of(
              "bounds-bytes-many",
              "bounds-bytes-zero",
              "bounds-connections-many",
              "bounds-connections-zero",
              "bounds-counters-many",
              "bounds-questions-many",
              "bounds-questions-zero",
              "bounds-streams-many",
              "bounds-streams-zero",
              "bounds-work-many",
              "bounds-work-zero",
              "caller-twice",
              "certificate-of-two",
              "issuer-iss-of-two",
              "issuer-leeway-long",
              "issuer-twice",
              "jwt-issuer-unknown",
              "jwt-of-two",
              "jwt-without-issuers",
              "keys-a-folder",
              "keys-empty-set",
              "keys-large",
              "keys-no-keys",
              "keys-no-path",
              "keys-not-there",
              "keys-of-encryption",
              "keys-private",
              "keys-private-pem",
              "keys-secret",
              "keys-unreadable",
              "keys-url-blank",
              "keys-url-clear",
              "keys-url-file",
              "keys-url-no-host",
              "keys-url-user",
              "keys-weak",
              "token-iterations-few",
              "token-iterations-many",
              "token-of-two",
              "token-twice",
              "user-large",
              "user-of-two"));

  private final Schema schema =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
          .getSchema(AccessSchema.json());

  private boolean accepts(String yaml) {
    Object value = new Load(LoadSettings.builder().build()).loadFromString(yaml);
    return schema.validate(new Gson().toJson(value), InputFormat.JSON).isEmpty();
  }

  @Test
  void theCommittedSchema_isTheGeneratedOne() throws IOException {
    try (InputStream shipped = AccessSchemaTest.class.getResourceAsStream(RESOURCE)) {
      assertNotNull(shipped);
      assertEquals(
          AccessSchema.json(),
          new String(shipped.readAllBytes(), StandardCharsets.UTF_8),
          "refresh it: java -jar limiter-server/target/limiter-server.jar access schema >"
              + " limiter-server/"
              + COMMITTED);
    }
  }

  @Test
  void everyFileShown_isAccepted() throws IOException {
    List<String> shown =
        Documentation.read().blocks("yaml").stream()
            .filter(block -> block.lines().anyMatch(line -> line.equals("callers:")))
            .toList();
    assertTrue(shown.size() > 1, () -> "shown: " + shown.size());
    shown.forEach(block -> assertTrue(accepts(block), block));
  }

  @Test
  void everyField_isAccepted() {
    assertTrue(
        accepts(
            """
            callers:
              - name: a-team_1
                certificates: ["spiffe://prod/a", a.test]
                tokens: ["pbkdf2-sha512:210000:AAAAAAAAAAAAAAAAAAAAAA:%s"]
                jwt: [{ issuer: corp, subject: a }]
                users: [1000, "1001"]
                grants:
                  - { methods: [check, settle], domains: [shop, "shop-*", "*"] }
                  - { methods: [metrics] }
                bounds: { questions: 500/s, connections: 10, streams: 20, work: 2_000/s,
                  bytes: 1_000_000/s, inline-counters: 1_000, inline-window: 1h }
            anonymous:
              grants: []
              bounds: { questions: 5/s }
            issuers:
              - { name: corp, issuer: "https://id.test", audience: l, keys: k.json, leeway: 1m }
            """
                .formatted("A".repeat(43))));
    assertTrue(accepts("callers: []"));
  }

  @Test
  void mistakesOfStructure_areRefused() throws IOException {
    Set<String> accepted = new TreeSet<>();
    int refused = 0;
    try (Stream<Path> files = Files.list(Path.of("src/test/resources/bad-access"))) {
      for (Path file : files.toList()) {
        try {
          if (accepts(Files.readString(file))) {
            accepted.add(file.getFileName().toString().replace(".yaml", ""));
          } else {
            refused++;
          }
        } catch (YamlEngineException notYaml) {
          // Not YAML at all: no schema is asked.
        }
      }
    }
    assertEquals(NOT_SEEN, accepted, "mistakes that only the readers see");
    assertTrue(refused > 50, "refused: " + refused);
  }

  @Test
  void anUnknownField_isRefusedAtEveryLevel() {
    String file =
        "callers: [{ name: a, users: [1]%s, grants: [{ methods: [rules]%s }], bounds: {%s} }]%s";
    assertTrue(accepts(file.formatted("", "", "", "")));
    assertFalse(accepts(file.formatted(", x: 1", "", "", "")));
    assertFalse(accepts(file.formatted("", ", x: 1", "", "")));
    assertFalse(accepts(file.formatted("", "", "x: 1", "")));
    assertFalse(accepts(file.formatted("", "", "", "\nx: 1")));
    assertFalse(accepts(file.formatted("", "", "", "\nanonymous: { grants: [], x: 1 }")));
  }
}
