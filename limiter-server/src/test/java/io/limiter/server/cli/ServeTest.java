package io.limiter.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.limiter.server.rules.live.RulesText;
import io.limiter.testing.Authority;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

/** What keeps the service from starting. */
class ServeTest {
  private static final String NO_REDIS = "redis://127.0.0.1:1";

  @TempDir Path temp;

  @Test
  void rulesWithProblems_areListedAndRefused() throws IOException {
    Files.writeString(temp.resolve("bad.yaml"), "domain: [\n");
    CommandRun run = CommandRun.of("serve", "--rules", temp.toString(), "--redis", NO_REDIS);
    List<String> lines = run.err().lines().toList();
    int problems = lines.size() - 1;
    assertEquals(1, run.exitCode());
    assertTrue(problems > 0, run::err);
    Pattern problem = Pattern.compile("bad\\.yaml:\\d+:\\d+: .+");
    assertTrue(lines.stream().limit(problems).allMatch(problem.asMatchPredicate()), run::err);
    assertEquals(
        "limiter: the rules have %s; correct them to start"
            .formatted(RulesText.count(problems, "problem")),
        lines.get(problems));
  }

  /** Prices alone limit nothing. */
  @Test
  @Timeout(60)
  void goodPricesBesideBadRules_areRefused() throws IOException {
    Files.writeString(temp.resolve("bad.yaml"), "domain: ai\nrules: 1\n");
    Files.writeString(
        temp.resolve("prices.yaml"),
        "prices: models\nkey: model\nentries: { a: { t: 1 } }\ndefault: { t: 2 }\n");
    CommandRun run = CommandRun.of("serve", "--rules", temp.toString(), "--redis", NO_REDIS);
    assertEquals(1, run.exitCode());
    assertEquals(
        List.of(
            "bad.yaml:2:8: rules is a single value; use a list of rules, or [] for none",
            "limiter: the rules have 1 problem; correct them to start"),
        run.err().lines().toList());
  }

  @Test
  void aDirectoryWithoutRules_isRefused() {
    CommandRun run = CommandRun.of("serve", "--rules", temp.toString(), "--redis", NO_REDIS);
    assertEquals(2, run.exitCode());
    assertEquals(
        "limiter: --rules: %s holds no file of rules, so nothing would be limited; put one there, such as shop.yaml%n"
            .formatted(temp),
        run.err());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "| there are neither rules nor a Redis, so nothing would be limited; set --rules DIR"
            + " (LIMITER_RULES) and set --redis redis://HOST:6379 (LIMITER_REDIS), or try it with"
            + " serve --demo",
        "--redis redis://127.0.0.1:1 | there are no rules, so nothing would be limited; set --rules"
            + " DIR (LIMITER_RULES), or add --demo for samples",
        "--rules rules | there is no Redis to count in; set --redis redis://HOST:6379"
            + " (LIMITER_REDIS), or add --demo for one of its own, to try it"
      })
  void withoutRulesOrRedis_theStartIsRefusedWithWhatToSet(String flags, String message) {
    String[] line = flags == null ? new String[0] : flags.split(" ", -1);
    CommandRun run =
        CommandRun.of(Stream.concat(Stream.of("serve"), Stream.of(line)).toArray(String[]::new));
    assertEquals(2, run.exitCode());
    assertEquals("limiter: " + message + System.lineSeparator(), run.err());
  }

  @Test
  void anEnvironmentOfEnvoysService_isAnsweredWithOurs() {
    Map<String, String> theirs =
        Map.of(
            "REDIS_URL", "redis:6379",
            "REDIS_AUTH", "s3cret",
            "RUNTIME_ROOT", "/data",
            "RUNTIME_SUBDIRECTORY", "ratelimit",
            "GRPC_PORT", "9081",
            "LOG_FORMAT", "json",
            "USE_STATSD", "false");
    CommandRun run = CommandRun.with(theirs, "serve");
    assertEquals(2, run.exitCode());
    assertEquals(
        """
        limiter: the variables of envoyproxy/ratelimit are not read:
        limiter:   for REDIS_URL set LIMITER_REDIS=redis://redis:6379
        limiter:   for REDIS_AUTH set LIMITER_REDIS_PASSWORD_FILE to a file that holds it
        limiter:   for RUNTIME_ROOT and RUNTIME_SUBDIRECTORY set LIMITER_RULES=/data/ratelimit/config
        limiter:   for GRPC_PORT set LIMITER_GRPC_PORT=9081
        limiter:   for LOG_FORMAT set LIMITER_LOG_JSON=true
        """,
        run.err().lines().skip(1).map(line -> line + "\n").collect(Collectors.joining()));
  }

  @Test
  void aPasswordInEnvoysUrl_isNotRepeated() {
    CommandRun run = CommandRun.with(Map.of("REDIS_URL", "redis://:s3cret@redis:6379"), "serve");
    assertFalse(run.err().contains("s3cret"), run::err);
    assertTrue(run.err().contains("for REDIS_URL set LIMITER_REDIS=redis://HOST:6379"), run::err);
  }

  @Test
  void aMisspeltVariable_isRefusedWithTheOneThatIsMeant() {
    CommandRun run = CommandRun.with(Map.of("LIMITER_RULE", "/etc/rules"), "serve", "--demo");
    assertEquals(2, run.exitCode());
    assertEquals(
        "limiter: LIMITER_RULE: this command does not read it; did you mean LIMITER_RULES? Unset it otherwise%n"
            .formatted(),
        run.err());
    assertEquals(0, CommandRun.with(Map.of("LIMITER_RULE", "x"), "serve", "--help").exitCode());
  }

  @ParameterizedTest
  @CsvSource({"--grpc-port,--http-port,gRPC", "--http-port,--grpc-port,HTTP"})
  void aPortInUse_isNamedWithItsOption_beforeAnythingStarts(
      String option, String other, String what) throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = taken.getLocalPort();
      CommandRun run = CommandRun.of("serve", "--demo", other, "0", option, "" + port);
      assertEquals(1, run.exitCode());
      assertEquals(
          "limiter: %s: %s cannot listen on 127.0.0.1:%s: Address already in use; stop what listens there, or choose another port with %s%n"
              .formatted(option, what, port, option),
          run.err());
    }
  }

  @Test
  void onePortForBoth_isRefused() {
    CommandRun run =
        CommandRun.of("serve", "--demo", "--grpc-port", "29099", "--http-port", "29099");
    assertEquals(1, run.exitCode());
    assertEquals(
        "limiter: --grpc-port and --http-port: both are 29099; give each its own%n".formatted(),
        run.err());
  }

  @Test
  void anAddressOfAnotherHost_isNamed() {
    CommandRun run = CommandRun.of("serve", "--demo", "--bind", "192.0.2.1");
    assertEquals(1, run.exitCode());
    assertEquals(
        "limiter: --bind: 192.0.2.1 is not an address of this host; use 127.0.0.1, 0.0.0.0 for all, or one of its own%n"
            .formatted(),
        run.err());
  }

  @ParameterizedTest
  @CsvSource({
    "--redis-user limiter,--redis: it is missing; the options beside it say how to get into it",
    "--redis redis://h --redis-user u,--redis-password-file: it is missing; a user needs one",
    "--redis redis://h --redis-password-file /nowhere,'--redis-password-file: the file of Redis''s"
        + " password, /nowhere, is not there; name one that is'",
    "--redis redis://h --redis-ca /nowhere,'--redis-ca: --redis names no TLS; write"
        + " rediss://HOST:6379'",
    "--redis rediss://h --redis-ca /nowhere,'--redis-ca: /nowhere is not there; name a PEM file with"
        + " the CA''s certificate'",
    "--redis-key k,--redis: it is missing; the options beside it say how to get into it",
    "--redis rediss://h --redis-key k,--redis-cert: it is missing; a certificate and its key go"
        + " together",
    "--redis rediss://h --redis-cert c,--redis-key: it is missing; a certificate and its key go"
        + " together",
    "--redis redis://h --redis-cert c --redis-key k,--redis-cert: --redis names no TLS; write"
        + " rediss://HOST:6379",
    "--redis rediss://h --redis-cert /nowhere --redis-key k,'--redis-cert: the certificate for"
        + " Redis, /nowhere, is not there; name one that is'",
    "--redis redis://h --http-tls-key k,--http-tls-cert: it is missing; a certificate and its key go"
        + " together",
    "--redis redis://h --http-tls-cert c,--http-tls-key: it is missing; a certificate and its key go"
        + " together",
    "--redis redis://h --http-tls-client-ca c,--http-tls-cert: it is missing; callers show theirs"
        + " over TLS only",
    "--redis redis://h --http-tls-cert /nowhere --http-tls-key k,'--http-tls-cert: the certificate"
        + " for HTTP, /nowhere, is not there; name one that is'",
    "--redis redis://h --http-tls-client-auth optional,--http-tls-client-ca: it is missing; without"
        + " it callers are asked for no certificate",
    "--redis redis://h --grpc-tls-key k,--grpc-tls-cert: it is missing; a certificate and its key go"
        + " together",
    "--redis redis://h --grpc-tls-cert c,--grpc-tls-key: it is missing; a certificate and its key go"
        + " together",
    "--redis redis://h --grpc-tls-client-ca c,--grpc-tls-cert: it is missing; callers show theirs"
        + " over TLS only",
    "--redis redis://h --grpc-tls-cert /nowhere --grpc-tls-key k,'--grpc-tls-cert: the certificate"
        + " for gRPC, /nowhere, is not there; name one that is'",
    "--redis redis-sentinel://h#m --redis-sentinel-user u,--redis-sentinel-password-file: it is"
        + " missing; a user needs one",
    "--redis redis://h --redis-sentinel-password-file /nowhere,--redis-sentinel-password-file:"
        + " --redis names no Sentinels; write redis-sentinel://HOST:26379#PRIMARY",
    "--redis redis-sentinel://h#m --redis-sentinel-password-file /nowhere,"
        + "'--redis-sentinel-password-file: the file of the Sentinels'' password, /nowhere, is not"
        + " there; name one that is'",
    "--redis redis://:p@h --redis-password-file /nowhere,'--redis: it holds a user or password, and"
        + " --redis-password-file names another; keep one'"
  })
  void filesAndWaysIntoRedisThatCannotBe_areRefused(String flags, String message) {
    String[] line = ("serve --demo " + flags).split(" ", -1);
    CommandRun run = CommandRun.of(line);
    assertEquals("limiter: " + message + System.lineSeparator(), run.err());
    assertEquals(2, run.exitCode());
  }

  private static final String GRPC_IN_CLEAR =
      "gRPC listens on 0.0.0.0:0 without TLS, so whoever is on the way can read and change what is"
          + " asked; set --grpc-tls-cert and --grpc-tls-key, or bind the loopback address with"
          + " --bind 127.0.0.1";

  private static final String HTTP_IN_CLEAR =
      "HTTP listens on 0.0.0.0:0 without TLS, so whoever is on the way can read and change what is"
          + " asked; set --http-tls-cert and --http-tls-key, or bind the loopback address with"
          + " --bind 127.0.0.1";

  /** Its files of TLS are good; it holds no rules, so that a start that is not refused ends too. */
  private CommandRun serve(String... more) {
    return CommandRun.of(
        Stream.concat(
                Stream.of(
                    "serve",
                    "--rules",
                    temp.toString(),
                    "--redis",
                    NO_REDIS,
                    "--grpc-port",
                    "0",
                    "--http-port",
                    "0"),
                Stream.of(more))
            .toArray(String[]::new));
  }

  private CommandRun strict(String... more) {
    return serve(Stream.concat(Stream.of("--strict"), Stream.of(more)).toArray(String[]::new));
  }

  @Test
  void strict_refusesAPortInClear_thatOtherHostsReach(@TempDir Path folder) throws Exception {
    Authority.Signed shown = new Authority("ca").sign("limiter");
    String certificate = shown.certificateFile(folder).toString();
    String key = shown.keyFile(folder).toString();
    String[] grpc = {"--bind", "0.0.0.0", "--grpc-tls-cert", certificate, "--grpc-tls-key", key};
    String[] http = {"--bind", "0.0.0.0", "--http-tls-cert", certificate, "--http-tls-key", key};
    String[] socket = {"--bind", "0.0.0.0", "--grpc-uds", folder.resolve("s").toString()};

    assertRefused(strict("--bind", "0.0.0.0"), GRPC_IN_CLEAR, HTTP_IN_CLEAR);
    assertRefused(strict(grpc), HTTP_IN_CLEAR);
    assertRefused(strict(http), GRPC_IN_CLEAR);
    assertRefused(strict(socket), HTTP_IN_CLEAR);
    String goesOn = " holds no file of rules";
    assertTrue(
        strict(Stream.of(grpc, http).flatMap(Stream::of).skip(2).toArray(String[]::new))
            .err()
            .contains(goesOn));
    assertTrue(strict("--bind", "127.0.0.1").err().contains(goesOn));
    assertTrue(strict("--bind", "::1").err().contains(goesOn));
    assertTrue(serve("--bind", "0.0.0.0").err().contains(goesOn));
  }

  private static void assertRefused(CommandRun run, String... messages) {
    assertEquals(
        Stream.of(messages).map(message -> "limiter: " + message).toList(),
        run.err().lines().toList());
    assertEquals(2, run.exitCode());
  }

  /** Without it, the same is said by the log. */
  @Test
  void aPortInClear_thatOtherHostsReach_isWarnedOf() {
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    Logger speaker = (Logger) LoggerFactory.getLogger(Serve.class);
    speaker.addAppender(log);
    try {
      serve("--bind", "0.0.0.0");
    } finally {
      speaker.detachAppender(log);
    }
    assertEquals(
        List.of("WARN " + GRPC_IN_CLEAR, "WARN " + HTTP_IN_CLEAR),
        log.list.stream().map(one -> one.getLevel() + " " + one.getFormattedMessage()).toList());
  }

  @Test
  void tlsOfAUnixSocket_isRefused(@TempDir Path folder) throws Exception {
    Authority.Signed shown = new Authority("ca").sign("limiter");
    CommandRun run =
        strict(
            "--grpc-uds",
            folder.resolve("s").toString(),
            "--grpc-tls-cert",
            shown.certificateFile(folder).toString(),
            "--grpc-tls-key",
            shown.keyFile(folder).toString());
    assertRefused(
        run,
        "--grpc-tls-cert: a Unix socket has no TLS; leave it out, or listen on a port without"
            + " --grpc-uds");
  }
}
