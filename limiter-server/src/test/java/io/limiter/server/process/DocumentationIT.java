package io.limiter.server.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.util.JsonFormat;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.RateLimiterGrpc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What README.md and docs/ show is what the program does. */
@Timeout(600)
class DocumentationIT {
  private static final Documentation ALL = Documentation.read();

  /** The sample rules give back a request every twenty seconds. */
  private static final Duration BEFORE_MORE_COMES = Duration.ofSeconds(20);

  /** The sample rules are in force there. */
  private static DemoService server;

  @BeforeAll
  static void start() {
    server = DemoService.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @TempDir static Path access;

  @Test
  void start_isLoggedAsShown() {
    List<String> runs =
        ALL.front().blocks("sh").stream().filter(block -> block.contains("serve --demo")).toList();
    assertEquals(1, runs.size());
    assertTrue(
        runs.get(0).endsWith("java -jar limiter-server/target/limiter-server.jar serve --demo\n"));
    assertFalse(ALL.front().find("`(Serving gRPC [^`]+)`").isEmpty());
    for (MatchResult logged : ALL.find("`(Serving gRPC [^`]+)`")) {
      String pattern =
          Stream.of(logged.group(1).split("808\\d", -1))
              .map(Pattern::quote)
              .collect(Collectors.joining("\\d+"));
      assertTrue(Pattern.compile(pattern).matcher(server.log()).find(), server::log);
    }
  }

  @Test
  void commands_printWhatIsShown(@TempDir Path folders) throws Exception {
    assertFalse(ALL.front().blocks("console").isEmpty());
    for (Page page : ALL.pages()) {
      List<Page.Block> consoles =
          page.blocks().stream().filter(block -> block.language().equals("console")).toList();
      if (consoles.isEmpty()) {
        continue;
      }
      Path folder = folders.resolve(page.name().replace('/', '-'));
      Optional<Path> saved = save(page.saved(), folder);
      Optional<Path> rules = saved.isPresent() ? saved : save(page.rulesAskedAbout(), folder);
      Path from = saved.isPresent() ? folder : Documentation.ROOT;
      if (rules.isEmpty()) {
        for (Page.Block console : consoles) {
          printsWhatIsShown(console, server, from);
        }
      } else {
        try (DemoService own = DemoService.start("--rules", rules.get().toString())) {
          for (Page.Block console : consoles) {
            printsWhatIsShown(console, own, from);
          }
        }
      }
    }
  }

  /** Saves files; gives the folder of the rules among them. */
  private static Optional<Path> save(Map<String, String> files, Path folder) throws IOException {
    Path rules = null;
    for (Map.Entry<String, String> saved : files.entrySet()) {
      Path file = folder.resolve(saved.getKey()).normalize();
      assertTrue(file.startsWith(folder), file::toString);
      Files.createDirectories(file.getParent());
      Files.writeString(file, saved.getValue());
      if (saved.getValue().startsWith("domain:")) {
        rules = file.getParent();
      }
    }
    return Optional.ofNullable(rules);
  }

  private static void printsWhatIsShown(Page.Block console, DemoService asked, Path folder)
      throws Exception {
    List<Shown> shown = console.commands();
    assertFalse(shown.isEmpty(), console::place);
    List<Ran> ran = new ArrayList<>();
    long tookNanos = Long.MAX_VALUE;
    while (tookNanos >= BEFORE_MORE_COMES.toNanos()) {
      shown.stream().filter(DocumentationIT::charges).forEach(one -> forget(one, asked));
      ran.clear();
      long start = System.nanoTime();
      for (Shown one : shown) {
        ran.add(run(one, ran, asked, folder));
      }
      tookNanos = System.nanoTime() - start;
    }
    for (int i = 0; i < shown.size(); i++) {
      assertEquals(
          masked(shown.get(i).output()),
          masked(ran.get(i).output()),
          console.place() + ": " + shown.get(i).command());
    }
  }

  private static Ran run(Shown shown, List<Ran> before, DemoService asked, Path folder)
      throws Exception {
    if (!shown.runsTheProgram()) {
      assertEquals("echo $?", shown.command());
      return new Ran(before.get(before.size() - 1).exitCode() + "\n", 0);
    }
    return Ran.program(shown.arguments(), asked, folder);
  }

  private static boolean charges(Shown shown) {
    return shown.runsTheProgram() && shown.arguments().get(0).equals("check");
  }

  /** Other tests and earlier attempts may have charged it. */
  private static void forget(Shown shown, DemoService asked) {
    asked.forget(
        shown.flag("--domain"),
        shown.attributes().collect(Collectors.toMap(pair -> pair[0], pair -> pair[1])));
  }

  private static String masked(String output) {
    return output
        .replaceAll("\\b\\d+(\\.\\d+)?(ms|s|m|h|d)\\b", "TIME")
        .replaceAll("TIME( TIME)+", "TIME");
  }

  @Test
  void validate_findsTheShownRulesGood(@TempDir Path folder) throws Exception {
    int checked = 0;
    for (Page page : ALL.pages()) {
      Path saved = folder.resolve(page.name().replace('/', '-'));
      save(page.saved(), saved);
      for (Shown shown : commands(page, "validate")) {
        String named = shown.arguments().get(1);
        Path rules = Documentation.ROOT.resolve(named);
        if (Files.isDirectory(saved.resolve(named))) {
          rules = saved.resolve(named);
        } else if (Path.of(named).isAbsolute() && !Files.exists(rules)) {
          continue; // the reader's own
        }
        Ran ran = Ran.program(List.of("validate", rules.toString()), server, Documentation.ROOT);
        assertEquals(0, ran.exitCode(), ran::output);
        checked++;
      }
    }
    assertTrue(checked > 0);
  }

  private static List<Shown> commands(Page page, String command) {
    return page.blocks().stream()
        .flatMap(block -> block.commands().stream())
        .filter(Shown::runsTheProgram)
        .filter(shown -> shown.arguments().get(0).equals(command))
        .toList();
  }

  @Test
  void questionOverGrpc_isUnderstood() throws Exception {
    MatchResult call = ALL.front().find(Page.GRPCURL).get(0);
    assertEquals(RateLimiterGrpc.getCheckAndConsumeMethod().getFullMethodName(), call.group(2));
    CheckAndConsumeRequest.Builder question = CheckAndConsumeRequest.newBuilder();
    JsonFormat.parser().merge(call.group(1), question);
    ManagedChannel channel =
        Grpc.newChannelBuilder(server.grpc(), InsecureChannelCredentials.create()).build();
    try {
      server.forget(question.getDomain(), question.getAttributesMap());
      CheckAndConsumeResponse answer =
          RateLimiterGrpc.newBlockingStub(channel).checkAndConsume(question.build());
      assertEquals("per-user", answer.getStatuses(0).getRule());
      assertEquals(2, answer.getStatuses(0).getRemaining());
    } finally {
      channel.shutdownNow();
    }
  }

  @Test
  void metrics_areThoseInTheTable() throws Exception {
    assertEquals(measured(), named("^\\| `(limiter_\\w+)`"));
  }

  /** What is generated for Python is none. */
  @Test
  void everyMetricNamedAnywhere_isThere() throws Exception {
    Set<String> named = named("(?<![\\w.])(limiter_(?!pb2)\\w+?)(?:_bucket|_count|_sum)?(?!\\w)");
    named.removeAll(measured());
    assertEquals(Set.of(), named);
  }

  private static Set<String> named(String pattern) {
    return ALL.find(pattern).stream()
        .map(found -> found.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> measured() throws Exception {
    // A rule is measured from the first question that it applies to.
    List<String> question = List.of("check", "--domain", "demo", "--cost", "0", "user=erin");
    assertEquals(0, Ran.program(question, server, Documentation.ROOT).exitCode());
    Set<String> measured = types(server.metrics());
    measured.addAll(types(metricsOfAccess()));
    return measured;
  }

  private static Set<String> types(String metrics) {
    return Pattern.compile("(?m)^# TYPE (limiter_\\w+) (\\w+)$")
        .matcher(metrics)
        .results()
        .map(type -> type.group(1))
        .filter(name -> !name.endsWith("_max"))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Some are there only where callers are told apart. */
  private static String metricsOfAccess() throws Exception {
    Files.writeString(access.resolve("secrets"), "s".repeat(40));
    Files.writeString(
        access.resolve("access.yaml"),
        """
        callers: []
        anonymous:
          grants: [{ methods: [check, metrics], domains: [demo] }]
        """);
    try (ServerProcess restricted =
        ServerProcess.serve(
            "--demo",
            "--access",
            access.resolve("access.yaml").toString(),
            "--secrets",
            access.resolve("secrets").toString())) {
      for (String domain : List.of("demo", "other")) {
        Ran.ran(
            List.of(
                Documentation.ROOT.resolve("bin/limiter").toString(),
                "check",
                "--domain",
                domain,
                "--target",
                restricted.grpc(),
                "--deadline",
                "1m",
                "user=erin"),
            Documentation.ROOT);
      }
      return restricted.get("/metrics");
    }
  }
}
