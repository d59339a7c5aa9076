package io.limiter.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

class OptionSourcesTest {
  @TempDir Path temp;

  @Test
  void flags_beatVariables_whichBeatTheFile_whichBeatsDefaults() throws IOException {
    String file = write("grpc-port: 1001\nhttp-port: 1002\nshutdown-grace: 3s\n").toString();
    Map<String, String> environment =
        Map.of("LIMITER_CONFIG", file, "LIMITER_GRPC_PORT", "2001", "LIMITER_HTTP_PORT", "2002");

    CommandLine serve = serve(environment, "--grpc-port", "3001");

    assertEquals("3001", value(serve, "--grpc-port"));
    assertEquals("2002", value(serve, "--http-port"));
    assertEquals("PT3S", value(serve, "--shutdown-grace"));
    assertEquals("PT0.1S", value(serve, "--decision-deadline"));
  }

  @Test
  void everyOptionOfServe_isReadFromTheEnvironmentAndTheFile() throws IOException {
    Map<String, String> values =
        Map.ofEntries(
            Map.entry("rules", temp.toString()),
            Map.entry("redis", "redis://10.1.2.3:7000"),
            Map.entry("redis-user", "limiter"),
            Map.entry("redis-user-file", "/run/user"),
            Map.entry("redis-password-file", "/run/password"),
            Map.entry("redis-ca", "/run/ca.pem"),
            Map.entry("redis-cert", "/run/cert.pem"),
            Map.entry("redis-key", "/run/key.pem"),
            Map.entry("redis-sentinel-user", "limiter"),
            Map.entry("redis-sentinel-password-file", "/run/sentinel"),
            Map.entry("demo", "true"),
            Map.entry("grpc-uds", "/run/limiter.sock"),
            Map.entry("grpc-uds-mode", "666"),
            Map.entry("grpc-keepalive", "10s"),
            Map.entry("grpc-keepalive-timeout", "1s"),
            Map.entry("grpc-max-connection-age", "0s"),
            Map.entry("grpc-max-connection-age-grace", "1s"),
            Map.entry("log-level", "debug"),
            Map.entry("bind", "0.0.0.0"),
            Map.entry("grpc-port", "1"),
            Map.entry("http-port", "2"),
            Map.entry("http-tls-cert", "/run/tls.crt"),
            Map.entry("http-tls-key", "/run/tls.key"),
            Map.entry("http-tls-client-ca", "/run/ca.crt"),
            Map.entry("http-tls-client-auth", "optional"),
            Map.entry("grpc-tls-cert", "/run/tls.crt"),
            Map.entry("grpc-tls-key", "/run/tls.key"),
            Map.entry("grpc-tls-client-ca", "/run/ca.crt"),
            Map.entry("grpc-tls-client-auth", "optional"),
            Map.entry("strict", "true"),
            Map.entry("log-json", "true"),
            Map.entry("audit-log", "/var/log/audit.log"),
            Map.entry("decision-deadline", "5ms"),
            Map.entry("decision-deadline-max", "2s"),
            Map.entry("deny-cache", "0s"),
            Map.entry("rules-poll", "5s"),
            Map.entry("rls-headers", "x-ratelimit"),
            Map.entry("rls-header-names", "a,b,c"),
            Map.entry("charge-on-deny", "true"),
            Map.entry("rls-metadata", "false"),
            Map.entry("rls-mode", "shadow"),
            Map.entry("warm-up", "0s"),
            Map.entry("shutdown-delay", "5s"),
            Map.entry("shutdown-grace", "1m"),
            Map.entry("rls-too-large", "error"),
            Map.entry("on-overload", "rule"),
            Map.entry("inline-rules", "false"),
            Map.entry("inline-rules-max-window", "1h"),
            Map.entry("inline-rules-max-counters", "5"),
            Map.entry("access", "/run/access.yaml"),
            Map.entry("secrets", "/run/secrets"),
            Map.entry("unknown-domain", "deny"));
    List<String> options =
        serve(Map.of()).getCommandSpec().options().stream()
            .filter(option -> !option.usageHelp() && !option.versionHelp())
            .map(option -> option.longestName().substring(2))
            .filter(name -> !name.equals("config"))
            .toList();
    assertEquals(values.keySet(), java.util.Set.copyOf(options));
    StringBuilder yaml = new StringBuilder();
    values.forEach((key, value) -> yaml.append(key).append(": ").append(value).append('\n'));
    String file = write(yaml.toString()).toString();

    for (String option : options) {
      String unset = value(serve(Map.of()), "--" + option);
      String value = Objects.requireNonNull(values.get(option));
      String variable = OptionSources.variable("--" + option);
      String fromVariable = value(serve(Map.of(variable, value)), "--" + option);
      assertFalse(unset.equals(fromVariable), option);
      assertEquals(fromVariable, value(serve(Map.of(), "--config", file), "--" + option), option);
      assertEquals(fromVariable, value(serve(Map.of(), "--config=" + file), "--" + option), option);
    }
  }

  @Test
  void aSwitch_canBeTurnedOffByItsFlag() {
    Map<String, String> environment = Map.of("LIMITER_LOG_JSON", "true");
    assertEquals("true", value(serve(environment), "--log-json"));
    assertEquals("false", value(serve(environment, "--log-json=false"), "--log-json"));
    assertEquals("true", value(serve(Map.of(), "--log-json"), "--log-json"));
  }

  @Test
  void anEmptyVariable_countsAsAbsent() {
    assertEquals("8081", value(serve(Map.of("LIMITER_GRPC_PORT", "")), "--grpc-port"));
  }

  @Test
  void aFlag_hidesABadVariable() {
    assertEquals(
        "1", value(serve(Map.of("LIMITER_GRPC_PORT", "x"), "--grpc-port", "1"), "--grpc-port"));
  }

  @Test
  void theFileOfServe_isNothingToOtherCommands() {
    Map<String, String> environment = Map.of("LIMITER_CONFIG", "/nowhere/limiter.yaml");
    CommandRun run = CommandRun.with(environment, "validate", temp.toString());
    assertFalse(run.err().contains("limiter.yaml"), run::err);
  }

  @Test
  void aBadVariable_isNamed() {
    CommandRun run = CommandRun.with(Map.of("LIMITER_GRPC_PORT", "grpc"), "serve");
    assertEquals(
        "limiter: LIMITER_GRPC_PORT: \"grpc\" is not a port; use 1 to 65535, or 0 for any free one\n",
        run.err());
    assertEquals(2, run.exitCode());
  }

  @Test
  void whatKubernetesSetsForAServiceOfThatName_isNoPort() {
    Map<String, String> links = Map.of("LIMITER_GRPC_PORT", "tcp://10.0.0.1:8081");
    assertEquals("8081", value(serve(links), "--grpc-port"));
  }

  @Test
  void aSwitch_takesItsValueBehindASpaceToo() {
    assertEquals("false", value(serve(Map.of(), "--rls-metadata", "false"), "--rls-metadata"));
    assertEquals("false", value(serve(Map.of(), "--log-json", "false"), "--log-json"));
    assertEquals("true", value(serve(Map.of(), "--demo"), "--demo"));
  }

  /**
   * A configuration file.
   *
   * @param remedies what comes of each remedy in the message
   */
  private record BadFile(String yaml, String message, List<String> remedies) {
    BadFile(String yaml, String message, String... remedies) {
      this(yaml, message, List.of(remedies));
    }

    @Override
    public String toString() {
      return message;
    }
  }

  private static Stream<BadFile> badFiles() {
    String keys =
        "access, audit-log, bind, charge-on-deny, decision-deadline, decision-deadline-max, demo, deny-cache, grpc-keepalive,"
            + " grpc-keepalive-timeout,"
            + " grpc-max-connection-age, grpc-max-connection-age-grace, grpc-port, grpc-tls-cert,"
            + " grpc-tls-client-auth, grpc-tls-client-ca, grpc-tls-key, grpc-uds,"
            + " grpc-uds-mode, http-port, http-tls-cert, http-tls-client-auth, http-tls-client-ca, http-tls-key, inline-rules, inline-rules-max-counters,"
            + " inline-rules-max-window, log-json, log-level, on-overload, redis, redis-ca, redis-cert,"
            + " redis-key, redis-password-file, redis-sentinel-password-file, redis-sentinel-user, redis-user, redis-user-file, rls-header-names, rls-headers, rls-metadata,"
            + " rls-mode, rls-too-large, rules, rules-poll, secrets, shutdown-delay, shutdown-grace,"
            + " strict,"
            + " unknown-domain or warm-up";
    return Stream.of(
        new BadFile(
            "http-port: 1\ngrpc-port: 70000\n",
            "FILE:2:12: grpc-port: \"70000\" is not a port; use 1 to 65535, or 0 for any free one",
            "grpc-port: 1",
            "grpc-port: 65535",
            "grpc-port: 0"),
        new BadFile(
            "grpc_port: 1\nconfig: x\n",
            "FILE:1:1: unknown key \"grpc_port\"; did you mean grpc-port?"
                + "\nlimiter: FILE:2:1: unknown key \"config\"; use "
                + keys,
            "grpc-port: 1\nlog-json: true\n"),
        new BadFile(
            "redis-password: x\n",
            "FILE:1:1: unknown key \"redis-password\"; did you mean redis-password-file?",
            "redis-password-file: x\n"),
        new BadFile(
            "grpc-port: 1\ngrpc-port: 2\n",
            "FILE:2:1: grpc-port stands here for the second time; keep one",
            "grpc-port: 1\n",
            "grpc-port: 2\n"),
        new BadFile(
            "redis: [a, b]\n",
            "FILE:1:8: redis is not one value; write it on one line",
            "redis: redis://a\n"),
        new BadFile(
            "- grpc-port\n",
            "FILE:1:1: is not a mapping; write lines such as grpc-port: 8081",
            "grpc-port: 8081\n"),
        new BadFile(
            "redis: \"open\n",
            "FILE:2:1: found unexpected end of stream; correct the YAML",
            "redis: \"redis://open\"\n"));
  }

  @ParameterizedTest
  @MethodSource("badFiles")
  void aBadFile_isRefusedWithLineAndColumn(BadFile bad) throws IOException {
    Path file = write(bad.yaml);
    CommandRun run = CommandRun.of("serve", "--config", file.toString());
    assertEquals(
        "limiter: " + bad.message.replace("FILE", file.toString()) + System.lineSeparator(),
        run.err());
    assertEquals(2, run.exitCode());
  }

  @ParameterizedTest
  @MethodSource("badFiles")
  void whoeverAppliesARemedy_hasAGoodFile(BadFile bad) throws IOException {
    assertFalse(bad.remedies.isEmpty(), bad.message);
    for (String remedy : bad.remedies) {
      CommandRun run = CommandRun.of("serve", "--config", write(remedy).toString());
      assertFalse(run.err().contains("limiter.yaml"), run::err);
    }
  }

  @Test
  void anEmptyFile_setsNothing() throws IOException {
    CommandLine serve = serve(Map.of(), "--config", write("# nothing yet\n").toString());
    assertEquals("8081", value(serve, "--grpc-port"));
    assertTrue(value(serve, "--rules").isEmpty());
  }

  private Path write(String yaml) throws IOException {
    return Files.writeString(temp.resolve("limiter.yaml"), yaml);
  }

  private static CommandLine serve(Map<String, String> environment, String... flags) {
    String[] args = Stream.concat(Stream.of("serve"), Stream.of(flags)).toArray(String[]::new);
    return Main.commandLine(environment, args)
        .parseArgs(args)
        .subcommand()
        .commandSpec()
        .commandLine();
  }

  private static String value(CommandLine command, String option) {
    Object value = command.getCommandSpec().findOption(option).getValue();
    return value == null ? "" : value.toString();
  }
}
