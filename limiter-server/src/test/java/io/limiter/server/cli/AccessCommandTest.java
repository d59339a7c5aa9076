package io.limiter.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.server.access.file.AccessSchema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class AccessCommandTest {
  private static final String ACCESS =
      """
      callers:
        - name: shop-team
          users: [1]
          grants:
            - { methods: [settle], domains: [shop] }
            - { methods: [refund, check], domains: ["shop-*", shop] }
            - { methods: [metrics] }
        - { name: idle, users: [2], grants: [] }
      anonymous:
        grants: [{ methods: [explain], domains: ["*"] }]
      """;

  @TempDir Path folder;
  private Path file = Path.of("");

  @BeforeEach
  void write() throws IOException {
    file = Files.writeString(folder.resolve("access.yaml"), ACCESS);
  }

  private static Stream<Arguments> explained() {
    return Stream.of(
        Arguments.of(
            "shop-team check shop",
            0,
            "caller shop-team may check in domain shop, by grant 2: check, refund in shop-*, shop"),
        Arguments.of(
            "shop-team check shop-eu",
            0,
            "caller shop-team may check in domain shop-eu, by grant 2: check, refund in shop-*, shop"),
        Arguments.of(
            "shop-team check shopping",
            1,
            "caller shop-team may not check in domain shopping: it is granted that in shop-*, shop alone"),
        Arguments.of(
            "shop-team reset shop",
            1,
            "caller shop-team may not reset in domain shop: no grant of it has that method; it has check, settle, refund, metrics"),
        Arguments.of("shop-team metrics", 0, "caller shop-team may metrics, by grant 3: metrics"),
        Arguments.of(
            "idle check shop",
            1,
            "caller idle may not check in domain shop: it is granted nothing"),
        Arguments.of(
            "anonymous explain a",
            0,
            "whoever shows nothing may explain in domain a, by grant 1: explain in *"));
  }

  @ParameterizedTest
  @MethodSource("explained")
  void whetherACallerMay_isExplained(String question, int exitCode, String answer) {
    CommandRun run = explain(question);
    assertEquals(answer + System.lineSeparator(), run.out());
    assertEquals("", run.err());
    assertEquals(exitCode, run.exitCode());
  }

  @Test
  void boundsAreSaid_whereThereAreAny() throws IOException {
    Files.writeString(
        file,
        """
        callers:
          - name: a
            users: [1]
            grants: [{ methods: [check], domains: [shop] }]
            bounds: { questions: 5/s, connections: 4, streams: 3, work: 2_000/s, bytes: 10000/s,
              inline-counters: 7, inline-window: 90m }
          - { name: b, users: [2], grants: [], bounds: { streams: 2, inline-window: 1500ms } }
        anonymous: { grants: [{ methods: [check], domains: [shop] }], bounds: { work: 9/s } }
        """);
    assertEquals(
        """
        caller a may check in domain shop, by grant 1: check in shop
        within its bounds: questions 5/s, connections 4, streams 3, work 2000/s, bytes 10000/s, inline-counters 7, inline-window 90m
        """,
        explain("a check shop").out().replace(System.lineSeparator(), "\n"));
    assertTrue(explain("anonymous check shop").out().contains("within its bounds: work 9/s"));
    assertEquals(
        "no problems: 2 callers, 0 issuers, and whoever shows nothing; 3 with bounds"
            + System.lineSeparator(),
        CommandRun.of("access", "check", file.toString()).out());
  }

  private CommandRun explain(String question) {
    return CommandRun.of(
        Stream.of(
                List.of("access", "explain"),
                List.of(question.split(" ")),
                List.of("--access", file.toString()))
            .flatMap(List::stream)
            .toArray(String[]::new));
  }

  private static Stream<Arguments> mistakes() {
    return Stream.of(
        Arguments.of(
            "shop-taem check shop",
            "CALLER: \"shop-taem\" is none of FILE; did you mean shop-team?"),
        Arguments.of(
            "shop-team chekc shop",
            "METHOD: \"chekc\" is no method of grants; did you mean check?"),
        Arguments.of(
            "shop-team check", "DOMAIN: a value is missing; check is granted domain by domain"),
        Arguments.of(
            "shop-team rules shop", "DOMAIN: rules is granted for no domain; leave it out"));
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void aMistake_isNamedWithItsRemedy(String question, String message) {
    CommandRun run = explain(question);
    assertEquals(
        "limiter: " + message.replace("FILE", file.toString()) + System.lineSeparator(), run.err());
    assertEquals("", run.out());
    assertEquals(2, run.exitCode());
  }

  @Test
  void whoShowsNothing_mayNothing_ifTheFileSaysNothingOfThem() throws IOException {
    Files.writeString(file, "callers: []\n");
    CommandRun run = explain("anonymous check shop");
    assertEquals(2, run.exitCode());
    assertTrue(run.err().contains("add anonymous: to grant them something"), run::err);
    assertTrue(explain("a check shop").err().contains("there are none"));
  }

  @Test
  void aFileWithProblems_isNotExplained() throws IOException {
    Files.writeString(file, "callers: [{ name: a }]\n");
    CommandRun run = explain("a check shop");
    assertEquals(2, run.exitCode());
    assertTrue(run.err().contains("limiter: access.yaml:1:11: grants is missing"), run::err);
  }

  @Test
  void check_printsEveryProblem_orThatThereIsNone() throws IOException {
    CommandRun good = CommandRun.of("access", "check", file.toString());
    assertEquals(
        "no problems: 2 callers, 0 issuers, and whoever shows nothing" + System.lineSeparator(),
        good.out());
    assertEquals(0, good.exitCode());

    Files.writeString(file, "callers: [{ name: a, user: [1], grants: check }]\n");
    CommandRun bad = CommandRun.of("access", "check", file.toString());
    assertEquals(
        """
        access.yaml:1:22: key "user" is unknown; did you mean users?
        access.yaml:1:41: grants is a single value; use a list
        2 problems
        """,
        bad.out().replace(System.lineSeparator(), "\n"));
    assertEquals(1, bad.exitCode());

    CommandRun none = CommandRun.of("access", "check", folder.toString());
    assertEquals(
        "limiter: FILE: "
            + folder
            + " is not a file; name the one of callers"
            + System.lineSeparator(),
        none.err());
    assertEquals(2, none.exitCode());
  }

  @Test
  void token_makesAnotherEachTime_whoseHashAFileTakes() throws IOException {
    CommandRun run = CommandRun.of("access", "token", "--caller", "shop-team");
    List<String> lines = run.out().lines().toList();
    assertEquals(4, lines.size(), run::out);
    assertTrue(lines.get(1).matches("shop-team\\.[A-Za-z0-9_-]{43}"), run::out);
    assertFalse(lines.get(3).contains(lines.get(1).substring(10)), "the hash is no token");
    assertNotEquals(run.out(), CommandRun.of("access", "token", "--caller", "shop-team").out());
    Files.writeString(
        file, "callers:\n- name: shop-team\n  grants: []\n  tokens:\n  " + lines.get(3) + "\n");
    assertEquals(0, CommandRun.of("access", "check", file.toString()).exitCode());
    CommandRun dot = CommandRun.of("access", "token", "--caller", "a.b");
    assertEquals(2, dot.exitCode());
    assertTrue(dot.err().startsWith("limiter: --caller: name \"a.b\" is not a name"), dot::err);
  }

  @Test
  void schema_isPrinted() {
    assertEquals(AccessSchema.json(), CommandRun.of("access", "schema").out());
  }

  @Test
  void aloneItSaysWhatThereIs() {
    CommandRun run = CommandRun.of("access");
    assertEquals(
        "limiter: a command is missing; use check, explain, token or schema, see limiter access"
            + " --help"
            + System.lineSeparator(),
        run.err());
    assertEquals(2, run.exitCode());
  }

  @Test
  void everyHelp_fits80Columns() {
    for (String command : List.of("check", "explain", "token", "schema")) {
      String help = CommandRun.of("access", command, "--help").out();
      assertTrue(help.contains("limiter access " + command), help);
      help.lines().forEach(line -> assertTrue(line.length() <= 80, line));
    }
  }

  private static Stream<Arguments> tokens() {
    return Stream.of(
        Arguments.of("", "is empty; write the token into it"),
        Arguments.of(
            "a b", "holds more than a token; write one alone, of ASCII letters, without blanks"),
        Arguments.of("t".repeat(8193), "has more than 8192 bytes; name a file with a token alone"));
  }

  @ParameterizedTest
  @MethodSource("tokens")
  void aBadFileOfAToken_isNamed_andNotRepeated(String text, String wrong) throws IOException {
    Path token = Files.writeString(folder.resolve("token"), text);
    String[] check = {"check", "--domain", "a", "--token-file", token.toString()};
    CommandRun run = CommandRun.of(check);
    assertEquals(2, run.exitCode());
    assertEquals(
        "limiter: --token-file: " + token + " " + wrong + System.lineSeparator(), run.err());
  }

  @Test
  void theVariableOfAToken_isReadWithoutAFile() {
    CommandRun run = CommandRun.with(Map.of("LIMITER_TOKEN", "a b"), "check", "--domain", "a");
    assertTrue(run.err().startsWith("limiter: LIMITER_TOKEN holds more than a token"), run::err);
    CommandRun serve = CommandRun.with(Map.of("LIMITER_TOKEN", "a.b"), "access", "schema");
    assertEquals(0, serve.exitCode(), serve::err);
  }

  @Test
  void serve_namesTheOptionWhoseFileIsWrong() throws IOException {
    Path secrets = Files.writeString(folder.resolve("secrets"), "short");
    CommandRun shortSecret =
        CommandRun.of(
            "serve", "--demo", "--access", file.toString(), "--secrets", secrets.toString());
    assertTrue(
        shortSecret.err().startsWith("limiter: --secrets: the file of secrets " + secrets),
        shortSecret::err);
    Files.writeString(file, "callers: [");
    CommandRun bad =
        CommandRun.of(
            "serve", "--demo", "--access", file.toString(), "--secrets", secrets.toString());
    assertTrue(bad.err().startsWith("limiter: --access: access.yaml:"), bad::err);
    assertTrue(
        CommandRun.of("serve", "--demo", "--access", file.toString())
            .err()
            .startsWith("limiter: --secrets: it is missing"));
    assertTrue(
        CommandRun.of("serve", "--demo", "--secrets", secrets.toString())
            .err()
            .startsWith("limiter: --secrets: the file of secrets " + secrets));
  }
}
