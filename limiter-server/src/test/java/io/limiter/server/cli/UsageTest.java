package io.limiter.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** A mistake that is not found makes {@code serve} serve: the timeout ends it. */
@Timeout(30)
class UsageTest {
  /**
   * What somebody typed.
   *
   * @param remedies what comes of each remedy in the message, with files that are there for {@code
   *     {rules}}, {@code {config}} and {@code {password}}
   */
  private record Mistake(String line, String message, List<String> remedies) {
    Mistake(String line, String message, String... remedies) {
      this(line, message, List.of(remedies));
    }

    @Override
    public String toString() {
      return line;
    }
  }

  private static Stream<Mistake> mistakes() {
    return Stream.of(
        new Mistake(
            "",
            "a command is missing; use serve, check or another, see limiter --help",
            "serve --help",
            "check --domain demo user=alice",
            "--help"),
        new Mistake(
            "srve",
            "unexpected \"srve\"; did you mean serve? See limiter --help",
            "serve",
            "--help"),
        new Mistake(
            "serve --grpc-prot 1",
            "unknown option \"--grpc-prot\"; did you mean --grpc-port? See limiter serve --help",
            "serve --grpc-port 1",
            "serve --help"),
        new Mistake(
            "check --domian demo user=alice",
            "unknown option \"--domian\"; did you mean --domain? See limiter check --help",
            "check --domain demo user=alice",
            "check --help"),
        new Mistake(
            "check --domian=demo user=alice",
            "unknown option \"--domian\"; did you mean --domain? See limiter check --help",
            "check --domain=demo user=alice"),
        new Mistake(
            "check -domain demo user=alice",
            "unknown option \"-domain\"; did you mean --domain? See limiter check --help",
            "check --domain demo user=alice"),
        new Mistake(
            "chekc --domain demo user=alice",
            "unexpected \"chekc\"; did you mean check? See limiter --help",
            "check --domain demo user=alice"),
        new Mistake(
            "--domain demo check",
            "--domain stands before the command; write it behind, as in limiter check --domain",
            "check --domain demo"),
        new Mistake(
            "check --domain demo --cost --unit-cost tokens=5",
            "--cost: a value is missing; see limiter check --help",
            "check --domain demo --cost 1 --unit-cost tokens=5",
            "check --help"),
        new Mistake(
            "refund 00",
            "RECEIPT: \"00\" is not a receipt; pass the hexadecimal digits, 36 or more, of"
                + " \"limiter check --receipt\", or the base64 of its JSON",
            "refund 000102030405060708090a0b0c0d0e0f1011",
            "refund AAECAwQFBgcICQoLDA0ODxAR"),
        new Mistake(
            "refund",
            "RECEIPT: a value is missing; see limiter refund --help",
            "refund 000102030405060708090a0b0c0d0e0f1011",
            "refund --help"),
        new Mistake(
            "extend c1000102",
            "--hold: a value is missing; see limiter extend --help",
            "extend c1000102 --hold 30s",
            "extend --help"),
        new Mistake(
            "settle c1 --cost 1",
            "RECEIPT: \"c1\" is not a receipt; pass the hexadecimal digits, 36 or more, of"
                + " \"limiter check --receipt\", or the base64 of its JSON",
            "settle c1000102 --cost 1"),
        new Mistake(
            "reset user=alice",
            "--domain: a value is missing; see limiter reset --help",
            "reset --domain demo user=alice",
            "reset --help"),
        new Mistake(
            "check --domain demo user=alice user=bob",
            "attribute user is given twice; give it one value",
            "check --domain demo user=alice"),
        new Mistake(
            "rules --http-target localhost",
            "--http-target: \"localhost\" is not HOST:PORT; write for example 127.0.0.1:8080",
            "rules --http-target 127.0.0.1:8080"),
        new Mistake(
            "serve --unknown-domain refuse",
            "--unknown-domain: \"refuse\" is not an answer; use allow, deny or error",
            "serve --unknown-domain allow",
            "serve --unknown-domain deny",
            "serve --unknown-domain error"),
        new Mistake(
            "serve now", "unexpected \"now\"; see limiter serve --help", "serve", "serve --help"),
        new Mistake(
            "serve --grpc-port",
            "--grpc-port: a value is missing; see limiter serve --help",
            "serve --grpc-port 8081",
            "serve --help"),
        new Mistake(
            "serve --grpc-port 65536",
            "--grpc-port: \"65536\" is not a port; use 1 to 65535, or 0 for any free one",
            "serve --grpc-port 1",
            "serve --grpc-port 65535",
            "serve --grpc-port 0"),
        new Mistake(
            "serve --http-port=-1",
            "--http-port: \"-1\" is not a port; use 1 to 65535, or 0 for any free one",
            "serve --http-port=1",
            "serve --http-port=65535",
            "serve --http-port=0"),
        new Mistake(
            "serve --http-port web",
            "--http-port: \"web\" is not a port; use 1 to 65535, or 0 for any free one",
            "serve --http-port 1",
            "serve --http-port 65535",
            "serve --http-port 0"),
        new Mistake(
            "serve --bind 1.2.3.4.5",
            "--bind: \"1.2.3.4.5\" is not an address; use 127.0.0.1, 0.0.0.0 for all, or one of this machine's",
            "serve --bind 127.0.0.1",
            "serve --bind 0.0.0.0"),
        new Mistake(
            "serve --redis http://localhost",
            "--redis: the URI does not begin with redis://; write redis://HOST:6379, or rediss:// for TLS",
            "serve --redis redis://HOST:6379",
            "serve --redis rediss://HOST:6379"),
        new Mistake(
            "serve --redis http://me:secret@localhost",
            "--redis: the URI does not begin with redis://; write redis://HOST:6379, or rediss:// for TLS",
            "serve --redis redis://HOST:6379",
            "serve --redis rediss://HOST:6379"),
        new Mistake(
            "serve --redis redis-sentinel://localhost:26379",
            "--redis: the URI has no name of a primary behind #, in letters, digits, dots, dashes and underscores; write redis-sentinel://HOST:26379,HOST:26379#PRIMARY",
            "serve --redis redis-sentinel://HOST:26379,HOST:26379#PRIMARY"),
        new Mistake(
            "serve --redis redis-sentinel://a,#main",
            "--redis: the URI has no name or address of a host where one is due; write redis-sentinel://HOST:26379,HOST:26379#PRIMARY, or rediss-sentinel:// for TLS",
            "serve --redis redis-sentinel://HOST:26379,HOST:26379#PRIMARY",
            "serve --redis rediss-sentinel://HOST:26379,HOST:26379#PRIMARY"),
        new Mistake(
            "serve --redis redis-sentinel://a?db=1#main",
            "--redis: the URI has ? or # where none may stand. There are no parameters; in a password write %3F and %23",
            "serve --redis redis-sentinel://a#main",
            "serve --redis redis-sentinel://:a%3Fb%23c@a#main"),
        new Mistake(
            "serve --redis redis-sentinel://a/first#main",
            "--redis: the URI has no number of a database behind the slash; write redis-sentinel://HOST:26379/0#PRIMARY",
            "serve --redis redis-sentinel://HOST:26379/0#PRIMARY"),
        new Mistake(
            "serve --redis redis-cluster://a:port,b",
            "--redis: the URI has no port from 1 to 65535 behind the host's colon; write redis-cluster://HOST:6379,HOST:6379, redis-cluster://[::1]:6379,[::1]:6379 for IPv6, or redis-cluster://USER:PASSWORD@HOST:6379,HOST:6379",
            "serve --redis redis-cluster://HOST:6379,HOST:6379",
            "serve --redis redis-cluster://[::1]:6379,[::1]:6379",
            "serve --redis redis-cluster://USER:PASSWORD@HOST:6379,HOST:6379"),
        new Mistake(
            "serve --redis redis-cluster://a,b/3",
            "--redis: the URI has a database behind the slash, and a Cluster has 0 alone; leave it out",
            "serve --redis redis-cluster://a,b"),
        new Mistake(
            "serve --redis unix:///run/redis.sock",
            "--redis: the URI names a Unix socket in another form; write redis-socket:///run/redis/redis.sock",
            "serve --redis redis-socket:///run/redis/redis.sock"),
        new Mistake(
            "serve --redis rediss-socket:///run/redis.sock",
            "--redis: the URI names TLS to a Unix socket, which has none; write redis-socket:///run/redis/redis.sock",
            "serve --redis redis-socket:///run/redis/redis.sock"),
        new Mistake(
            "serve --redis redis-socket://run/redis.sock",
            "--redis: the URI has no absolute path of a socket; write redis-socket:///run/redis/redis.sock, with three slashes",
            "serve --redis redis-socket:///run/redis/redis.sock"),
        new Mistake(
            "serve --redis redis-socket:///run/redis.sock?db=1",
            "--redis: the URI has no path of a socket, or more behind it than ?database=N; write redis-socket:///run/redis/redis.sock?database=0, and in a path %3F for ?, %23 for #, %40 for @",
            "serve --redis redis-socket:///run/redis/redis.sock?database=0",
            "serve --redis redis-socket:///run/%3F%23%40.sock"),
        new Mistake(
            "serve --redis redis-socket:///run/redis.sock?database=first",
            "--redis: the URI has no number of a database behind ?database=; write redis-socket:///run/redis/redis.sock?database=0",
            "serve --redis redis-socket:///run/redis/redis.sock?database=0"),
        new Mistake(
            "serve --redis redis-socket:///run/%zz.sock",
            "--redis: the URI has a path of a socket with characters that must be escaped; write %25 for %",
            "serve --redis redis-socket:///run/%25zz.sock"),
        new Mistake(
            "serve --redis redis://localhost:port",
            "--redis: the URI has no port from 1 to 65535 behind the host's colon; write redis://HOST:6379, redis://[::1]:6379 for IPv6, or redis://USER:PASSWORD@HOST:6379",
            "serve --redis redis://HOST:6379",
            "serve --redis redis://[::1]:6379",
            "serve --redis redis://USER:PASSWORD@HOST:6379"),
        new Mistake(
            "serve --redis redis://localhost/first",
            "--redis: the URI has no number of a database behind the slash; write redis://HOST:6379/0",
            "serve --redis redis://HOST:6379/0"),
        new Mistake(
            "serve --redis redis://@localhost",
            "--redis: the URI has @ but no password; write redis://USER:PASSWORD@HOST:6379, or leave out the @",
            "serve --redis redis://USER:PASSWORD@HOST:6379",
            "serve --redis redis://localhost"),
        new Mistake(
            "serve --redis redis://[local]:6379",
            "--redis: the URI has no IPv6 address between its brackets; write redis://[::1]:6379",
            "serve --redis redis://[::1]:6379"),
        new Mistake(
            "serve --redis redis://localhost?db=1",
            "--redis: the URI has ? or # behind the host. There are no parameters; in a password write %3F and %23",
            "serve --redis redis://localhost",
            "serve --redis redis://:a%3Fb%23c@localhost"),
        new Mistake(
            "serve redis://:secret@localhost",
            "unexpected \"redis://...@localhost\"; see limiter serve --help",
            "serve",
            "serve --help"),
        new Mistake(
            "serve --redis-pasword=secret",
            "unknown option \"--redis-pasword\"; did you mean --redis-password-file? See limiter serve --help",
            "serve --redis redis://h --redis-password-file {password}"),
        new Mistake(
            "serve --redis ",
            "--redis: the value is empty; write one, or leave the option out",
            "serve --redis redis://h",
            "serve"),
        new Mistake(
            "serve --rules ",
            "--rules: the value is empty; write one, or leave the option out",
            "serve --rules {rules}",
            "serve"),
        new Mistake(
            "serve --bind ",
            "--bind: the value is empty; write one, or leave the option out",
            "serve --bind ::1",
            "serve"),
        new Mistake(
            "serve --log-level loud",
            "--log-level: \"loud\" is not a level; use error, warn, info, debug or trace",
            "serve --log-level error",
            "serve --log-level warn",
            "serve --log-level info",
            "serve --log-level debug",
            "serve --log-level trace"),
        new Mistake(
            "serve --grpc-uds-mode 999",
            "--grpc-uds-mode: \"999\" is not a mode; write three octal digits, such as 660 or 666",
            "serve --grpc-uds-mode 660",
            "serve --grpc-uds-mode 666"),
        new Mistake(
            "serve --grpc-tls-client-auth maybe",
            "--grpc-tls-client-auth: \"maybe\" is not a way to ask callers for certificates; use required or optional",
            "serve --grpc-tls-client-auth required",
            "serve --grpc-tls-client-auth optional"),
        new Mistake(
            "check --domain demo --cert c user=alice",
            "--key: it is missing; a certificate and its key go together",
            "check --domain demo user=alice"),
        new Mistake(
            "check --domain demo --cacert /nowhere user=alice",
            "--cacert: the CA of the service, /nowhere, is not there; name one that is",
            "check --domain demo user=alice"),
        new Mistake(
            "serve --on-overload wait",
            "--on-overload: \"wait\" is not an answer; use error or rule",
            "serve --on-overload error",
            "serve --on-overload rule"),
        new Mistake(
            "serve --inline-rules-max-window 1ms",
            "--inline-rules-max-window: 1ms is out of range; use 1s to 8784h",
            "serve --inline-rules-max-window 1s",
            "serve --inline-rules-max-window 8784h"),
        new Mistake(
            "serve --inline-rules-max-counters 0",
            "--inline-rules-max-counters: \"0\" is not in range; use 1 to 10000000",
            "serve --inline-rules-max-counters 1",
            "serve --inline-rules-max-counters 10000000"),
        new Mistake(
            "serve --grpc-keepalive 1s",
            "--grpc-keepalive: 1s is out of range; use 10s to 1h",
            "serve --grpc-keepalive 10s",
            "serve --grpc-keepalive 1h"),
        new Mistake(
            "serve --decision-deadline 15",
            "--decision-deadline: \"15\" is not a duration; write for example 15ms, 10s or 1m",
            "serve --decision-deadline 15ms",
            "serve --decision-deadline 10s",
            "serve --decision-deadline 1m"),
        new Mistake(
            "serve --decision-deadline 0ms",
            "--decision-deadline: 0ms is out of range; use 1ms to 1m",
            "serve --decision-deadline 1ms",
            "serve --decision-deadline 1m"),
        new Mistake(
            "serve --deny-cache 61s",
            "--deny-cache: 61s is out of range; use 0s to 1m",
            "serve --deny-cache 0s",
            "serve --deny-cache 1m"),
        new Mistake(
            "serve --warm-up 11m",
            "--warm-up: 11m is out of range; use 0s to 10m",
            "serve --warm-up 0s",
            "serve --warm-up 10m"),
        new Mistake(
            "serve --shutdown-delay 11m",
            "--shutdown-delay: 11m is out of range; use 0s to 10m",
            "serve --shutdown-delay 0s",
            "serve --shutdown-delay 10m"),
        new Mistake(
            "serve --shutdown-grace 11m",
            "--shutdown-grace: 11m is out of range; use 0s to 10m",
            "serve --shutdown-grace 0s",
            "serve --shutdown-grace 10m"),
        new Mistake(
            "serve --log-json=maybe",
            "--log-json: \"maybe\" is not a switch; use true or false",
            "serve --log-json=true",
            "serve --log-json=false"),
        new Mistake(
            "serve --demo --rules /nowhere/rules",
            "--rules: /nowhere/rules is not a directory; name the one that holds the rules' YAML files",
            "serve --rules {rules}"),
        new Mistake(
            "serve --config /nowhere/limiter.yaml",
            "--config: /nowhere/limiter.yaml cannot be read; name a file that is there",
            "serve --config {config}"),
        new Mistake(
            "validate",
            "DIR: a value is missing; see limiter validate --help",
            "validate {rules}",
            "validate --help"),
        new Mistake(
            "validate /nowhere/rules",
            "DIR: /nowhere/rules is not a directory; name the one that holds the rules' YAML files",
            "validate {rules}"),
        new Mistake(
            "check user=alice",
            "--domain: a value is missing; see limiter check --help",
            "check --domain demo user=alice",
            "check --help"),
        new Mistake(
            "check --domain demo user",
            "\"user\" is not KEY=VALUE; write for example user=alice",
            "check --domain demo user=alice"),
        new Mistake(
            "check --domain demo =alice",
            "\"=alice\" is not KEY=VALUE; write for example user=alice",
            "check --domain demo user=alice"),
        new Mistake(
            "explain user=alice",
            "--domain: a value is missing; see limiter explain --help",
            "explain --domain demo user=alice",
            "explain --help"),
        new Mistake(
            "explain --domain demo user",
            "\"user\" is not KEY=VALUE; write for example user=alice",
            "explain --domain demo user=alice"),
        new Mistake(
            "explain --domain demo --rules /nowhere/rules user=alice",
            "--rules: /nowhere/rules is not a directory; name the one that holds the rules' YAML files",
            "explain --domain demo --rules {rules} user=alice"),
        new Mistake(
            "check --domain demo --cost -1",
            "--cost: \"-1\" is not a cost; use a whole number from 0",
            "check --domain demo --cost 0"),
        new Mistake(
            "check --domain demo --unit-cost tokens",
            "--unit-cost: \"tokens\" is not UNIT=N; write for example tokens=1500",
            "check --domain demo --unit-cost tokens=1500"),
        new Mistake(
            "check --domain demo --target localhost",
            "--target: \"localhost\" is not HOST:PORT; write for example 127.0.0.1:8081",
            "check --domain demo --target 127.0.0.1:8081"));
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void aMistake_isNamedWithItsRemedyOnOneLine(Mistake mistake) {
    CommandRun run = CommandRun.of(words(mistake.line));
    assertEquals("limiter: " + mistake.message + System.lineSeparator(), run.err());
    assertEquals("", run.out());
    assertEquals(2, run.exitCode());
  }

  /** None of them starts a service: each lacks rules or a Redis. */
  @ParameterizedTest
  @MethodSource("mistakes")
  void whoeverAppliesARemedy_isRidOfTheMistake(Mistake mistake, @TempDir Path folder)
      throws IOException {
    Path rules = Files.createDirectory(folder.resolve("rules"));
    Files.writeString(
        rules.resolve("shop.yaml"),
        "domain: shop\nrules: [{ name: r, algorithm: fixed-window, limit: 1, window: 1s }]\n");
    Path config = Files.writeString(folder.resolve("limiter.yaml"), "bind: 127.0.0.1\n");
    Path password = Files.writeString(folder.resolve("password"), "secret\n");
    assertFalse(mistake.remedies.isEmpty(), mistake.message);
    for (String remedy : mistake.remedies) {
      String line =
          remedy
              .replace("{rules}", rules.toString())
              .replace("{config}", config.toString())
              .replace("{password}", password.toString());
      CommandRun run = CommandRun.of(words(line));
      // "--grpc-port: ...", whatever the rest says now.
      assertFalse(run.err().contains("limiter: " + mistake.message.split(": ", 2)[0]), run::err);
      assertFalse(run.err().contains("see limiter"), run::err);
    }
  }

  @Test
  void anEmptyName_isNoDirectory() {
    CommandRun validate = CommandRun.of("validate", "");
    assertEquals(
        "limiter: DIR: the name is empty; name the directory that holds the rules' YAML files"
            + System.lineSeparator(),
        validate.err());
    assertEquals(2, validate.exitCode());
    CommandRun serve = CommandRun.of("serve", "--rules", "");
    assertEquals(
        "limiter: --rules: the value is empty; write one, or leave the option out"
            + System.lineSeparator(),
        serve.err());
    assertEquals(2, serve.exitCode());
  }

  @Test
  void everyHelp_fits80Columns() {
    CommandLine all = Main.commandLine(Map.of());
    List<String[]> lines = new ArrayList<>();
    lines.add(new String[] {"--help"});
    all.getSubcommands().keySet().forEach(name -> lines.add(new String[] {name, "--help"}));
    assertEquals(16, lines.size());
    for (String[] line : lines) {
      String help = CommandRun.of(line).out();
      assertFalse(help.isEmpty(), () -> String.join(" ", line));
      help.lines().forEach(each -> assertTrue(each.length() <= 80, () -> line[0] + ": " + each));
    }
  }

  @ParameterizedTest
  @MethodSource("helps")
  void help_goesToStandardOutput(String line, String says) {
    CommandRun run = CommandRun.of(words(line));
    assertEquals(0, run.exitCode());
    assertEquals("", run.err());
    assertTrue(run.out().contains(says), run::out);
    assertFalse(run.out().contains("$"), run::out);
  }

  private static Stream<Arguments> helps() {
    return Stream.of(
        Arguments.of("--help", "validate"),
        Arguments.of("--version", "limiter "),
        Arguments.of("serve --help", "--decision-deadline"),
        Arguments.of("check --help", "KEY=VALUE"),
        Arguments.of("explain --help", "KEY=VALUE"),
        Arguments.of("validate --help", "DIR"));
  }

  @Test
  void aValue_isTakenAsItStands() {
    String refused =
        "limiter: --rules: ${user.home} is not a directory; name the one that holds the rules' YAML files"
            + System.lineSeparator();
    Map<String, String> environment = Map.of("LIMITER_RULES", "${user.home}");
    assertEquals(refused, CommandRun.with(environment, "serve", "--demo").err());
    assertEquals(refused, CommandRun.of("serve", "--demo", "--rules", "${user.home}").err());
  }

  private static String[] words(String line) {
    return line.isEmpty() ? new String[0] : line.split(" ", -1);
  }
}
