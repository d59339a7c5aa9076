package io.limiter.server.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.util.JsonFormat;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.limiter.client.LimiterClient;
import io.limiter.server.process.Readme.Shown;
import io.limiter.server.rules.file.RuleFiles;
import io.limiter.server.rules.yaml.Problem;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.RateLimiterGrpc;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the README shows is what the program does. */
@Timeout(600)
class ReadmeIT {
  private static final Readme README = Readme.read();

  /** The sample rules give back a request every twenty seconds. */
  private static final Duration BEFORE_MORE_COMES = Duration.ofSeconds(20);

  private static ServerProcess server;

  /** A command that was run. */
  private record Ran(String output, int exitCode) {}

  @BeforeAll
  static void start() throws Exception {
    // However slow the machine, Redis is waited for.
    server = ServerProcess.serve("--decision-deadline", "1m");
    while (get("/readyz").statusCode() != 200) {
      Thread.onSpinWait();
    }
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void start_isLoggedAsShown() {
    List<String> runs =
        README.blocks("sh").stream().filter(block -> block.contains(".jar serve")).toList();
    assertEquals(1, runs.size());
    assertTrue(runs.get(0).endsWith("java -jar limiter-server/target/limiter-server.jar serve\n"));
    String logged = README.find("`(Serving gRPC [^`]+)`").get(0).group(1);
    String pattern =
        Stream.of(logged.split("808\\d", -1))
            .map(Pattern::quote)
            .collect(Collectors.joining("\\d+"));
    assertTrue(Pattern.compile(pattern).matcher(server.log()).find(), server::log);
  }

  @Test
  void commands_printWhatIsShown() throws Exception {
    List<String> consoles = README.blocks("console");
    assertFalse(consoles.isEmpty());
    for (String console : consoles) {
      List<Shown> shown = Readme.commands(console);
      List<Ran> ran = new ArrayList<>();
      long tookNanos = Long.MAX_VALUE;
      while (tookNanos >= BEFORE_MORE_COMES.toNanos()) {
        shown.stream().filter(Shown::runsTheProgram).forEach(ReadmeIT::forget);
        ran.clear();
        long start = System.nanoTime();
        for (Shown one : shown) {
          ran.add(run(one, ran));
        }
        tookNanos = System.nanoTime() - start;
      }
      for (int i = 0; i < shown.size(); i++) {
        assertEquals(
            masked(shown.get(i).output()), masked(ran.get(i).output()), shown.get(i).command());
      }
    }
  }

  private static Ran run(Shown shown, List<Ran> before) throws Exception {
    if (!shown.runsTheProgram()) {
      assertEquals("echo $?", shown.command());
      return new Ran(before.get(before.size() - 1).exitCode() + "\n", 0);
    }
    return program(shown.arguments());
  }

  /** Other tests and earlier attempts may have charged it. */
  private static void forget(Shown shown) {
    Map<String, String> attributes =
        shown.attributes().collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
    try (LimiterClient client =
        LimiterClient.to(server.grpc()).deadline(Duration.ofMinutes(1)).build()) {
      client.reset("demo", attributes);
    }
  }

  private static String masked(String output) {
    return output
        .replaceAll("\\b\\d+(\\.\\d+)?(ms|s|m|h|d)\\b", "TIME")
        .replace("TIME TIME", "TIME");
  }

  @Test
  void validate_findsTheShownRulesGood() throws Exception {
    List<MatchResult> shown = README.find("^java -jar \\S+ (validate) (\\S+)$");
    assertEquals(1, shown.size());
    Path rules = Readme.ROOT.resolve(shown.get(0).group(2));
    Ran ran = program(List.of(shown.get(0).group(1), rules.toString()));
    assertEquals(0, ran.exitCode(), ran::output);
  }

  @Test
  void questionOverGrpc_isUnderstood() throws Exception {
    MatchResult call = README.find("^grpcurl -plaintext -d '(.+)' \\S+ (\\S+)$").get(0);
    assertEquals(RateLimiterGrpc.getCheckAndConsumeMethod().getFullMethodName(), call.group(2));
    CheckAndConsumeRequest.Builder question = CheckAndConsumeRequest.newBuilder();
    JsonFormat.parser().merge(call.group(1), question);
    ManagedChannel channel =
        Grpc.newChannelBuilder(server.grpc(), InsecureChannelCredentials.create()).build();
    try {
      CheckAndConsumeResponse answer =
          RateLimiterGrpc.newBlockingStub(channel).checkAndConsume(question.build());
      assertEquals("per-user", answer.getStatuses(0).getRule());
      assertEquals(2, answer.getStatuses(0).getRemaining());
    } finally {
      channel.shutdownNow();
    }
  }

  @Test
  void javaExample_compilesAgainstTheClientAlone_andRuns(@TempDir Path folder) throws Exception {
    assertEquals(1, README.blocks("java").size());
    String source =
        README
            .blocks("java")
            .get(0)
            .replace("127.0.0.1:8081", server.grpc())
            .replace("ofMillis(50)", "ofMinutes(1)")
            .replace("ofSeconds(5)", "ofMinutes(1)");
    Path file = Files.writeString(folder.resolve("Example.java"), source);
    String all = System.getProperty("java.class.path");
    String client =
        Arrays.stream(all.split(File.pathSeparator, -1))
            .filter(entry -> !entry.matches(".*(limiter-server|lua-scripts|logback).*"))
            .collect(Collectors.joining(File.pathSeparator));
    String[] arguments = {"-Xlint:all", "-Werror", "-cp", client, "-d", "" + folder, "" + file};
    assertEquals(0, ToolProvider.getSystemJavaCompiler().run(null, null, null, arguments));
    Ran ran = java(List.of("-cp", folder + File.pathSeparator + client, "Example"));
    assertEquals("admitted, 2 left\n", ran.output());
    assertEquals(0, ran.exitCode());
  }

  @Test
  void rulesShown_areGood() {
    List<String> shown =
        README.blocks("yaml").stream().filter(block -> block.contains("domain:")).toList();
    assertFalse(shown.isEmpty());
    for (String rules : shown) {
      assertEquals(List.of(), RuleFiles.load(List.of(source(rules))).problems());
    }
  }

  @Test
  void everyFieldOfTheRules_isInTheReference() {
    String unknown =
        """
        domain: d
        qqqqqqqqqqqqqqqqqqqq: 1
        rules:
          - name: r
            algorithm: sliding-log
            limit: 1
            window: 1s
            qqqqqqqqqqqqqqqqqqqq: 1
            ip-prefix: { qqqqqqqqqqqqqqqqqqqq: 1 }
            overrides: [{ when: { a: b }, limit: 2, qqqqqqqqqqqqqqqqqqqq: 1 }]
        """;
    List<Problem> problems = RuleFiles.load(List.of(source(unknown))).problems();
    Set<String> fields =
        problems.stream()
            .flatMap(
                problem -> Stream.of(problem.message().split("; use ", 2)[1].split(", | or ", -1)))
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(4, problems.size());
    assertTrue(fields.containsAll(Set.of("domain", "on-redis-failure", "v6", "unlimited")));
    fields.removeIf(
        field ->
            Pattern.compile("`%1$s`|[{,] %1$s: ".formatted(field)).matcher(README.text()).find());
    assertEquals(Set.of(), fields);
  }

  @Test
  void metrics_areThoseInTheTable() throws Exception {
    Set<String> named =
        README.find("^\\| `(limiter_\\w+)`").stream()
            .map(found -> found.group(1))
            .collect(Collectors.toCollection(TreeSet::new));
    // A rule is measured from the first question that it applies to.
    assertEquals(0, program(List.of("check", "--domain", "demo", "user=erin")).exitCode());
    Set<String> measured = new TreeSet<>();
    Matcher types =
        Pattern.compile("(?m)^# TYPE (limiter_\\w+) (\\w+)$").matcher(get("/metrics").body());
    while (types.find()) {
      if (!types.group(1).endsWith("_max")) {
        measured.add(types.group(1));
      }
    }
    assertEquals(named, measured);
  }

  private static RuleFiles.Source source(String rules) {
    return new RuleFiles.Source("README.md", rules);
  }

  /** Runs the program; questions go to the service of this test, and wait for it. */
  private static Ran program(List<String> arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("-jar", "target/limiter-server.jar"));
    command.addAll(arguments);
    if (arguments.get(0).equals("check")) {
      command.addAll(List.of("--target", server.grpc(), "--deadline", "1m"));
    }
    return java(command);
  }

  private static Ran java(List<String> arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:TieredStopAtLevel=1");
    command.addAll(arguments);
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ran(output.replace(System.lineSeparator(), "\n"), process.waitFor());
  }

  private static HttpResponse<String> get(String path) throws IOException, InterruptedException {
    URI uri = URI.create("http://" + server.http() + path);
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
  }
}
