package io.limiter.server.cli;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.server.cli.option.OptionTypes;
import io.limiter.server.rules.file.RuleFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import picocli.CommandLine;

/** The deployment's files name only what is there: files, options, ports, pages. */
class DeploymentFilesTest {
  private static final Path ROOT = Path.of("").toAbsolutePath().resolve("..").normalize();
  private static final Path DEPLOY = ROOT.resolve("deploy");
  private static final String JAVA = "\"/opt/limiter/java/bin/java\", \"@/opt/limiter/options\"";

  /** What a folder holds changes together; what changes seldom comes first. */
  @Test
  void theDockerfile_copiesWhatIsPutTogether_andTheLibrariesFirst() throws IOException {
    String pom = Files.readString(ROOT.resolve("limiter-server/pom.xml"));
    for (String jar : List.of("image/lib/limiter-libraries.jar", "image/limiter-server.jar")) {
      assertTrue(pom.contains("<outputFile>${project.build.directory}/" + jar + "</"), jar);
    }
    List<String> copied =
        found("(?m)^COPY --from=build (.+) \\S+$", dockerfile()).stream()
            .map(match -> match.group(1))
            .toList();
    assertEquals(
        List.of(
            "/image",
            "/program/java",
            "/program/lib",
            "/program/native",
            "/program/options /program/limiter-server.jar"),
        copied);
    for (MatchResult run : found("(?m)\\bdeploy/\\w+", dockerfile())) {
      assertTrue(Files.exists(ROOT.resolve(run.group())), run.group());
    }
    assertTrue(dockerfile().contains("ENTRYPOINT [" + JAVA + "]"));
  }

  /** A tag may be moved to anything. */
  @Test
  void images_areNamedByTheirDigests() throws IOException {
    List<String> bases =
        found("(?m)^FROM (\\S+)( AS \\w+)?$", dockerfile()).stream()
            .map(match -> match.group(1))
            .filter(base -> !base.equals("build") && !base.equals("scratch"))
            .toList();
    assertEquals(1, bases.size());
    List<String> images = new ArrayList<>(bases);
    images.add("" + map(map(compose(), "services"), "redis").get("image"));
    for (String image : images) {
      assertTrue(image.matches("\\w+:[\\w.-]+@sha256:[0-9a-f]{64}"), image);
    }
  }

  @Test
  void theDockerfile_setsWhatServeKnows() throws IOException {
    Map<String, String> environment =
        found("(?m)^ENV (\\w+)=(\\S+)$", dockerfile()).stream()
            .collect(Collectors.toMap(match -> match.group(1), match -> match.group(2)));
    assertEquals(Set.of("LIMITER_BIND"), environment.keySet());
    CommandLine serve = parsed(environment, command(dockerfile()));
    assertEquals(Set.of("8081", "8080"), exposed());
    assertEquals("8081", value(serve, "--grpc-port"));
    assertEquals("8080", value(serve, "--http-port"));
    assertTrue(dockerfile().contains("CMD [" + JAVA + ", \"health\"]"));
  }

  @Test
  void theService_runsAsAUserWithoutRights() throws IOException {
    assertTrue(
        found("(?m)^USER (\\d+):\\d+$", dockerfile()).stream()
            .noneMatch(m -> m.group(1).equals("0")));
    assertEquals(1, found("(?m)^USER (\\d+):\\d+$", dockerfile()).size());
  }

  @Test
  void compose_setsWhatServeKnows() throws IOException {
    for (Map<?, ?> service : instances()) {
      Map<String, String> environment = new HashMap<>();
      map(service, "environment").forEach((key, value) -> environment.put("" + key, "" + value));
      CommandLine serve = parsed(environment, "serve");
      Set<String> known =
          serve.getCommandSpec().options().stream()
              .map(option -> option.longestName())
              .map(OptionSources::variable)
              .collect(Collectors.toSet());
      assertTrue(known.containsAll(environment.keySet()), () -> environment + " in " + known);
      assertEquals("redis://redis:6379", environment.get("LIMITER_REDIS"));
      assertTrue(
          compose().containsKey("services") && map(compose(), "services").containsKey("redis"));
      Duration grace = Duration.parse(value(serve, "--shutdown-grace"));
      String stop = "" + service.get("stop_grace_period");
      assertTrue(new OptionTypes.Grace().convert(stop).compareTo(grace) > 0, stop);
    }
  }

  @Test
  void compose_mountsRulesThatAreGood() throws IOException {
    for (Map<?, ?> service : instances()) {
      String[] volume = ("" + list(service, "volumes").get(0)).split(":", -1);
      assertEquals("/rules", volume[1]);
      assertEquals("ro", volume[2]);
      assertEquals("/rules", map(service, "environment").get("LIMITER_RULES"));
      var loaded = RuleFiles.load(DEPLOY.resolve(volume[0]));
      assertEquals(List.of(), loaded.problems());
      assertEquals(Set.of("edge"), loaded.table().domains());
    }
  }

  @Test
  void compose_buildsFromFilesThatAreThere() throws IOException {
    for (Map<?, ?> service : instances()) {
      Map<?, ?> build = map(service, "build");
      Path context = DEPLOY.resolve("" + build.get("context")).normalize();
      assertEquals(ROOT, context);
      assertTrue(Files.isRegularFile(context.resolve("" + build.get("dockerfile"))));
    }
  }

  @Test
  void compose_publishesTheDefaultPortsOnTheLoopbackAddressAlone() throws IOException {
    Set<String> published =
        instances().stream()
            .flatMap(service -> list(service, "ports").stream())
            .map(String::valueOf)
            .collect(Collectors.toSet());
    assertEquals(
        Set.of(
            "127.0.0.1:8081:8081",
            "127.0.0.1:8080:8080",
            "127.0.0.1:9081:8081",
            "127.0.0.1:9080:8080"),
        published);
    for (Map<?, ?> service : instances()) {
      String test = "" + map(service, "healthcheck").get("test");
      assertEquals("[CMD, " + JAVA.replace("\"", "") + ", health, /readyz]", test);
    }
  }

  @Test
  void compose_neverEvictsACounter() throws IOException {
    List<?> command = list(map(map(compose(), "services"), "redis"), "command");
    int policy = command.indexOf("--maxmemory-policy");
    assertEquals("noeviction", command.get(policy + 1));
  }

  @Test
  void compose_removesExpiredCountersInShortStops() throws IOException {
    List<?> command = list(map(map(compose(), "services"), "redis"), "command");
    assertEquals("100", command.get(command.indexOf("--hz") + 1));
  }

  private static String dockerfile() throws IOException {
    return Files.readString(DEPLOY.resolve("Dockerfile"));
  }

  private static String command(String dockerfile) {
    return found("(?m)^CMD \\[\"(\\w+)\"\\]$", dockerfile).get(0).group(1);
  }

  private static Set<String> exposed() throws IOException {
    return Set.of(found("(?m)^EXPOSE (.+)$", dockerfile()).get(0).group(1).split(" ", -1));
  }

  private static List<MatchResult> found(String pattern, String text) {
    return Pattern.compile(pattern).matcher(text).results().toList();
  }

  private static CommandLine parsed(Map<String, String> environment, String command) {
    return assertDoesNotThrow(
        () ->
            Main.commandLine(environment, command)
                .parseArgs(command)
                .subcommand()
                .commandSpec()
                .commandLine());
  }

  private static String value(CommandLine command, String option) {
    Object value = command.getCommandSpec().findOption(option).getValue();
    return String.valueOf(value);
  }

  /** The two instances, with what they share written out: YAML 1.2 leaves {@code <<} to us. */
  private static List<Map<?, ?>> instances() throws IOException {
    Map<?, ?> services = map(compose(), "services");
    return Stream.of("limiter-1", "limiter-2")
        .<Map<?, ?>>map(
            name -> {
              Map<Object, Object> all = new HashMap<>(map(map(services, name), "<<"));
              all.putAll(map(services, name));
              return all;
            })
        .toList();
  }

  private static Map<?, ?> compose() throws IOException {
    Object root =
        new Load(LoadSettings.builder().build())
            .loadFromString(Files.readString(DEPLOY.resolve("compose.yaml")));
    return (Map<?, ?>) Objects.requireNonNull(root);
  }

  private static Map<?, ?> map(Map<?, ?> in, String key) {
    return (Map<?, ?>) Objects.requireNonNull(in.get(key), key);
  }

  private static List<?> list(Map<?, ?> in, String key) {
    return (List<?>) Objects.requireNonNull(in.get(key), key);
  }
}
