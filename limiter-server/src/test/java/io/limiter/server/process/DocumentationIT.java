package io.limiter.server.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.util.JsonFormat;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.limiter.client.LimiterClient;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.RateLimiterGrpc;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

/** What README.md and docs/ show is what the program does. */
@Timeout(600)
class DocumentationIT {
  private static final Documentation ALL = Documentation.read();

  /** The sample rules give back a request every twenty seconds. */
  private static final Duration BEFORE_MORE_COMES = Duration.ofSeconds(20);

  private static final Pattern ATTRIBUTE =
      Pattern.compile("attribute\\(\"(\\w+)\", \"([^\"]+)\"\\)");

  /** The sample rules are in force there. */
  private static ServerProcess server;

  /** A command that was run. */
  private record Ran(String output, int exitCode) {}

  @BeforeAll
  static void start() throws Exception {
    server = ready(ServerProcess.serve("--demo", "--decision-deadline", "1m"));
  }

  /** However slow the machine, Redis is waited for. */
  private static ServerProcess ready(ServerProcess started) {
    while (!started.get("/metrics").contains("limiter_redis_connected 1.0\n")) {
      Thread.onSpinWait();
    }
    return started;
  }

  @AfterAll
  static void stop() {
    server.close();
  }

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
        String[] flags = {"--demo", "--decision-deadline", "1m", "--rules", rules.get().toString()};
        try (ServerProcess own = ready(ServerProcess.serve(flags))) {
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

  private static void printsWhatIsShown(Page.Block console, ServerProcess asked, Path folder)
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

  private static Ran run(Shown shown, List<Ran> before, ServerProcess asked, Path folder)
      throws Exception {
    if (!shown.runsTheProgram()) {
      assertEquals("echo $?", shown.command());
      return new Ran(before.get(before.size() - 1).exitCode() + "\n", 0);
    }
    return program(shown.arguments(), asked, folder);
  }

  private static boolean charges(Shown shown) {
    return shown.runsTheProgram() && shown.arguments().get(0).equals("check");
  }

  /** Other tests and earlier attempts may have charged it. */
  private static void forget(Shown shown, ServerProcess asked) {
    forget(
        asked,
        shown.flag("--domain"),
        shown.attributes().collect(Collectors.toMap(pair -> pair[0], pair -> pair[1])));
  }

  private static void forget(ServerProcess asked, String domain, Map<String, String> attributes) {
    try (LimiterClient client =
        LimiterClient.to(asked.grpc()).deadline(Duration.ofMinutes(1)).build()) {
      client.reset(domain, attributes);
    }
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
        Ran ran = program(List.of("validate", rules.toString()), server, Documentation.ROOT);
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
      forget(server, question.getDomain(), question.getAttributesMap());
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
    int compiled = 0;
    int run = 0;
    for (Page page : ALL.pages()) {
      for (int i = 0; i < page.blocks().size(); i++) {
        Page.Block block = page.blocks().get(i);
        boolean ours = block.text().contains("LimiterClient") || !page.comparesWithOthers();
        if (block.language().equals("java") && ours) {
          Path classes = Files.createDirectory(folder.resolve("example-" + compiled));
          String main = compile(block, classes);
          compiled++;
          if (block.text().contains("void main(")) {
            Page.Block prints = page.blocks().get(i + 1);
            assertEquals("text", prints.language(), () -> prints.place() + ": what it prints");
            forget(server, "demo", attributes(block.text()));
            Ran ran =
                java(
                    List.of("-cp", classes + File.pathSeparator + client(), main),
                    Documentation.ROOT);
            assertEquals(prints.text(), ran.output(), block::place);
            assertEquals(0, ran.exitCode());
            run++;
          }
        }
      }
    }
    assertTrue(compiled > 1 && run > 0);
  }

  /** Compiles an example; what is no class yet becomes one. Gives its name. */
  private static String compile(Page.Block block, Path folder) throws IOException {
    String text =
        block
            .text()
            .replace("127.0.0.1:8081", server.grpc())
            .replace("ofMillis(50)", "ofMinutes(1)")
            .replace("ofSeconds(5)", "ofMinutes(1)");
    Matcher type = Pattern.compile("(?m)^(?:public |final )*(?:class|record) (\\w+)").matcher(text);
    boolean whole = type.find();
    String name = whole ? type.group(1) : "Fragment";
    String source =
        whole
            ? text
            : """
              import io.limiter.client.*;
              import java.time.*;
              import java.util.*;
              class Fragment {
                void fragment() throws Exception {
                  %s
                }
              }
              """
                .formatted(text);
    Path file = Files.writeString(folder.resolve(name + ".java"), source);
    String[] arguments = {"-Xlint:all", "-Werror", "-cp", client(), "-d", "" + folder, "" + file};
    assertEquals(
        0, ToolProvider.getSystemJavaCompiler().run(null, null, null, arguments), block::place);
    return name;
  }

  private static Map<String, String> attributes(String example) {
    return ATTRIBUTE
        .matcher(example)
        .results()
        .collect(Collectors.toMap(found -> found.group(1), found -> found.group(2)));
  }

  /** The class path without the service. */
  private static String client() {
    String all = System.getProperty("java.class.path");
    return Arrays.stream(all.split(File.pathSeparator, -1))
        .filter(entry -> !entry.matches(".*(limiter-server|lua-scripts|logback).*"))
        .collect(Collectors.joining(File.pathSeparator));
  }

  @Test
  void metrics_areThoseInTheTable() throws Exception {
    assertEquals(measured(), named("^\\| `(limiter_\\w+)`"));
  }

  @Test
  void everyMetricNamedAnywhere_isThere() throws Exception {
    Set<String> named = named("(?<![\\w.])(limiter_\\w+?)(?:_bucket|_count|_sum)?(?!\\w)");
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
    assertEquals(0, program(question, server, Documentation.ROOT).exitCode());
    Set<String> measured = new TreeSet<>();
    Matcher types =
        Pattern.compile("(?m)^# TYPE (limiter_\\w+) (\\w+)$").matcher(server.get("/metrics"));
    while (types.find()) {
      if (!types.group(1).endsWith("_max")) {
        measured.add(types.group(1));
      }
    }
    return measured;
  }

  /** Runs the program; questions go to a service of this test, and wait for it. */
  private static Ran program(List<String> arguments, ServerProcess asked, Path folder)
      throws Exception {
    assertNotEquals("serve", arguments.get(0), "shown as a command that ends");
    List<String> command =
        new ArrayList<>(List.of(Documentation.ROOT.resolve("bin/limiter").toString()));
    command.addAll(arguments);
    boolean explains = arguments.get(0).equals("explain") && !arguments.contains("--rules");
    if (List.of("check", "peek", "reset", "refund").contains(arguments.get(0)) || explains) {
      command.addAll(List.of("--target", asked.grpc(), "--deadline", "1m"));
    }
    return ran(command, folder);
  }

  private static Ran java(List<String> arguments, Path folder)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:TieredStopAtLevel=1");
    command.addAll(arguments);
    return ran(command, folder);
  }

  private static Ran ran(List<String> command, Path folder)
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("LIMITER_CACHE", Path.of("target/cache").toAbsolutePath().toString());
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ran(output.replace(System.lineSeparator(), "\n"), process.waitFor());
  }
}
