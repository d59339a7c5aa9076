package example.llm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.client.CheckRequest;
import io.limiter.client.LimiterClient;
import io.limiter.client.RuleStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * The gateway with the rules of the folder above, before a model that this test plays. Buckets fill
 * and windows end in a year here, so that counters show all that was charged. Holds last an hour.
 */
@Timeout(240)
@NullUnmarked
class GatewayIT {
  private static final Path SERVICE =
      Path.of("..", "..", "..", "limiter-server", "target", "limiter-server.jar");
  private static final Path RULES = Path.of("..", "rules");
  private static final Pattern SERVING = Pattern.compile("Serving gRPC on ([0-9.]+:[0-9]+)");
  private static final String STREAM = ", \"stream\": true";
  private static final String MOST = STREAM + ", \"max_tokens\": 200";

  private static final int CALLERS = 30;
  private static final int KEYS = 12;
  private static final int USERS = 7;
  private static final int TEAMS = 3;

  /** The last of the callers are one user, who may have eight answers at a time. */
  private static final int CROWD = 20;

  private static final int AT_A_TIME = 8;

  @TempDir Path folder;

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private FakeModel model;
  private Process service;
  private LimiterClient limiter;
  private ConfigurableApplicationContext gateway;
  private int port;

  @BeforeEach
  void play() throws IOException {
    model = new FakeModel();
  }

  @AfterEach
  void stop() throws Exception {
    if (gateway != null) {
      gateway.close();
    }
    if (limiter != null) {
      limiter.close();
    }
    if (service != null) {
      service.destroy();
      service.waitFor();
    }
    model.close();
    threads.shutdownNow();
  }

  private void start(String... settings) throws Exception {
    start(UnaryOperator.identity(), settings);
  }

  private void start(UnaryOperator<String> otherRules, String... settings) throws Exception {
    Path rules = Files.createDirectory(folder.resolve("rules"));
    Files.copy(RULES.resolve("prices.yaml"), rules.resolve("prices.yaml"));
    Files.writeString(
        rules.resolve("llm.yaml"),
        otherRules
            .apply(Files.readString(RULES.resolve("llm.yaml")))
            .replaceAll("(rate: \\w+)/m", "$1/366d")
            .replace("window: day", "window: 366d")
            .replace("hold: 1m", "hold: 1h"));
    String at = serve();
    limiter = LimiterClient.to(at).deadline(Duration.ofSeconds(30)).build();
    StringBuilder keys = new StringBuilder("{");
    for (int i = 0; i < CALLERS; i++) {
      Map<String, String> who = attributes(i);
      keys.append(i == 0 ? "" : ",")
          .append(
              "\"secret-%d\": {\"key\": \"%s\", \"user\": \"%s\", \"team\": \"%s\"}"
                  .formatted(i, who.get("key"), who.get("user"), who.get("team")));
    }
    Path file = Files.writeString(folder.resolve("keys.json"), keys.append('}').toString());
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--server.port=0",
                "--gateway.upstream=" + model.uri(),
                "--gateway.upstream-key=" + FakeModel.KEY,
                "--gateway.keys=" + file,
                "--gateway.beat=20ms",
                "--limiter.client.target=" + at,
                "--limiter.client.deadline=30s"));
    arguments.addAll(List.of(settings));
    if (Stream.of(settings).noneMatch(one -> one.startsWith("--gateway.hold="))) {
      arguments.add("--gateway.hold=1h");
    }
    gateway = SpringApplication.run(Gateway.class, arguments.toArray(String[]::new));
    port = Integer.parseInt(gateway.getEnvironment().getRequiredProperty("local.server.port"));
  }

  /** Starts the service, and waits until it says where it is. */
  private String serve() throws IOException {
    Path log = folder.resolve("service.log");
    service =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-jar",
                SERVICE.toString(),
                "serve",
                "--demo",
                "--rules",
                folder.resolve("rules").toString(),
                "--grpc-port=0",
                "--http-port=0",
                "--decision-deadline=30s",
                "--decision-deadline-max=30s",
                "--warm-up=0s")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    Runtime.getRuntime().addShutdownHook(new Thread(service::destroyForcibly));
    while (true) {
      Matcher found = SERVING.matcher(Files.readString(log));
      if (found.find()) {
        return found.group(1);
      }
      assertTrue(service.isAlive(), Files.readString(log));
      LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
    }
  }

  private static Map<String, String> attributes(int caller) {
    return Map.of(
        "key", "key-" + caller % KEYS,
        "user", caller < CROWD ? "user-" + caller % USERS : "crowd",
        "team", "team-" + caller % TEAMS);
  }

  private static String model(int caller) {
    return caller % 4 == 0 ? "small" : "large";
  }

  private static Map<String, String> attributesAndModel(int caller) {
    Map<String, String> attributes = new HashMap<>(attributes(caller));
    attributes.put("model", model(caller));
    return attributes;
  }

  private Caller ask(int caller, String fate, int tokens, String more) throws IOException {
    return new Caller(
        port, "secret-" + caller, model(caller), fate + " " + caller + " " + tokens, more);
  }

  /** How the rules stand that a caller's requests are charged to. */
  private Map<String, RuleStatus> look(int caller) {
    Map<String, RuleStatus> statuses = new HashMap<>();
    CheckRequest question = CheckRequest.in("llm").attributes(attributesAndModel(caller));
    limiter.check(question.cost(0)).statuses().forEach(one -> statuses.put(one.rule(), one));
    return statuses;
  }

  private static long used(RuleStatus status) {
    return status.quota().limit() - status.remaining() + status.owed();
  }

  private void awaitNothingHeld() {
    for (int i = 0; i < CALLERS; i++) {
      while (look(i).values().stream().anyMatch(status -> status.held() > 0)) {
        LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
      }
    }
  }

  /** What one caller got, and what it used by its own count. */
  private record Got(int status, long input, long output, String retryAfter, String rateLimit) {}

  private Got call(int caller, CountDownLatch denied) throws IOException {
    int tokens = 10 + caller;
    if (caller >= CROWD) {
      try (Caller one = ask(caller, "wait", tokens, MOST).read(0)) {
        // Who is admitted is answered once the others are denied.
        one.readAll();
        if (one.status() == 429) {
          denied.countDown();
        }
        long output = one.tokens();
        return got(one, output == 0 ? 0 : FakeModel.PROMPT, output);
      }
    }
    switch (caller % 6) {
      case 0 -> {
        try (Caller one = ask(caller, "read", tokens, ", \"max_tokens\": 200").readAll()) {
          assertTrue(one.text().contains("\"completion_tokens\": " + tokens), one::text);
          return got(one, FakeModel.PROMPT, tokens);
        }
      }
      case 1 -> {
        try (Caller one = ask(caller, "go-on", 5, MOST).read(5)) {
          return got(one, Caller.ESTIMATE, 5);
        }
      }
      case 2 -> {
        try (Caller one = ask(caller, "refuse", 0, MOST).readAll()) {
          assertEquals(503, one.status());
          return got(one, 0, 0);
        }
      }
      case 3 -> {
        try (Caller one = ask(caller, "break-off", tokens, MOST).read(tokens)) {
          model.gate("" + caller).countDown();
          assertTrue(one.readAll().text().contains("upstream_failed"), one::text);
          return got(one, Caller.ESTIMATE, tokens);
        }
      }
      case 4 -> {
        try (Caller one = ask(caller, "end-early", tokens, MOST).readAll()) {
          assertEquals(tokens, one.tokens());
          return got(one, Caller.ESTIMATE, tokens);
        }
      }
      default -> {
        try (Caller one = ask(caller, "read", tokens, MOST).readAll()) {
          assertTrue(one.text().endsWith("data: [DONE]\n"), one::text);
          assertEquals(tokens, one.tokens());
          return got(one, FakeModel.PROMPT, tokens);
        }
      }
    }
  }

  private static Got got(Caller one, long input, long output) {
    return new Got(one.status(), input, output, one.header("Retry-After"), one.header("RateLimit"));
  }

  @Test
  void whatIsCounted_isWhatFlowed_howeverAnswersEnd() throws Exception {
    start();
    CountDownLatch denied = new CountDownLatch(CALLERS - CROWD - AT_A_TIME);
    List<Future<Got>> calls = new ArrayList<>();
    for (int i = 0; i < CALLERS; i++) {
      int caller = i;
      Callable<Got> call = () -> call(caller, denied);
      calls.add(threads.submit(call));
    }
    assertTrue(denied.await(150, TimeUnit.SECONDS), "nobody was denied");
    assertEquals(AT_A_TIME, look(CROWD).get("user-streams").held());
    for (int i = CROWD; i < CALLERS; i++) {
      model.gate("" + i).countDown();
    }
    Map<String, Long> expected = new TreeMap<>();
    int hangUps = 0;
    for (int i = 0; i < CALLERS; i++) {
      Got got = calls.get(i).get(150, TimeUnit.SECONDS);
      assertFalse(got.rateLimit().isEmpty(), "it is not told where it stands");
      if (got.status() == 429) {
        assertTrue(i >= CROWD, "caller " + i);
        // Others' holds end by themselves by then.
        int wait = Integer.parseInt(got.retryAfter());
        assertTrue(wait >= 1 && wait <= 3600, got::toString);
      } else {
        hangUps += i < CROWD && i % 6 == 1 ? 1 : 0;
        add(expected, i, got);
      }
    }
    awaitNothingHeld();
    assertEquals(expected.toString(), counted(expected).toString());
    // Nobody may take anything from a model that goes on for a caller who is gone.
    for (int i = 1; i < CROWD; i += 6) {
      model.gate("" + i).countDown();
    }
    assertTrue(
        model.stopped.tryAcquire(hangUps, 150, TimeUnit.SECONDS), "the models were not told");
    assertEquals(4, hangUps);
    assertEquals(expected.toString(), counted(expected).toString());
  }

  /** By counter; money in hundredths of micro-dollars. */
  private static void add(Map<String, Long> sums, int caller, Got got) {
    Map<String, String> who = attributes(caller);
    boolean small = model(caller).equals("small");
    long money =
        small ? 15 * got.input() + 60 * got.output() : 300 * got.input() + 1500 * got.output();
    sums.merge("key-requests " + who.get("key"), 1L, Long::sum);
    sums.merge("user-input " + who.get("user"), got.input(), Long::sum);
    sums.merge("user-output " + who.get("user"), got.output(), Long::sum);
    sums.merge("team-output " + who.get("team") + " " + model(caller), got.output(), Long::sum);
    sums.merge("user-streams " + who.get("user"), 0L, Long::sum);
    sums.merge("team-streams " + who.get("team"), 0L, Long::sum);
    sums.merge("key-budget " + who.get("key"), money, Long::sum);
    sums.merge("team-budget " + who.get("team"), money, Long::sum);
  }

  /** What the service has counted, in the form of what is expected. Shown money is rounded up. */
  private Map<String, Long> counted(Map<String, Long> expected) {
    Map<String, Long> counted = new TreeMap<>();
    for (int i = 0; i < CALLERS; i++) {
      Map<String, String> who = attributes(i);
      String callersModel = model(i);
      look(i)
          .forEach(
              (rule, status) -> {
                String counter = rule + " " + who.get(rule.substring(0, rule.indexOf('-')));
                counter += rule.equals("team-output") ? " " + callersModel : "";
                long used = used(status);
                if (rule.endsWith("budget")) {
                  long exact = expected.getOrDefault(counter, 0L);
                  used = used == (exact + 99) / 100 ? exact : used * 100;
                }
                counted.put(counter, used);
              });
    }
    return counted;
  }

  @Test
  void aStreamLongerThanItsHold_isHeldThroughout() throws Exception {
    Duration hold = Duration.ofSeconds(2);
    start("--gateway.hold=2s");
    try (Caller one = ask(0, "wait", 5, MOST).read(5)) {
      long begun = System.nanoTime();
      // It ends when the hold would have ended twice.
      while (System.nanoTime() - begun < 2 * hold.toNanos() + hold.toNanos() / 2) {
        Map<String, RuleStatus> statuses = look(0);
        assertEquals(1, statuses.get("user-streams").held(), "the permit is gone");
        assertEquals(200, statuses.get("user-output").held());
        LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
      }
      model.gate("0").countDown();
      assertTrue(one.readAll().text().endsWith("data: [DONE]\n"), one::text);
    }
    awaitNothingHeld();
    assertEquals(5, used(look(0).get("user-output")));
  }

  @Test
  void aStreamWithoutABound_isCutWhenTheBudgetIsGone() throws Exception {
    start(rules -> rules.replace("rate: 50_000/m", "rate: 1_200/m"), "--gateway.piece=500");
    model.gate("0").countDown();
    try (Caller one = ask(0, "go-on", 0, STREAM).readAll()) {
      assertEquals(200, one.status());
      assertEquals(1000, one.tokens());
      assertTrue(one.text().contains("rate_limit_exceeded"), one::text);
      assertFalse(one.text().contains("[DONE]"), one::text);
    }
    assertTrue(model.stopped.tryAcquire(150, TimeUnit.SECONDS), "the model was not told");
    awaitNothingHeld();
    assertEquals(1000, used(look(0).get("user-output")));
    assertEquals(Caller.ESTIMATE, used(look(0).get("user-input")));
  }

  @Test
  void aHoldThatIsLost_endsItsStream() throws Exception {
    start("--gateway.hold=1s");
    try (Caller one = ask(0, "wait", 5, MOST).read(5)) {
      limiter.reset("llm", attributesAndModel(0));
      assertTrue(one.readAll().text().contains("rate_limit_exceeded"), one::text);
    }
  }

  @Test
  void aBudgetThatIsUsedUp_denies() throws Exception {
    start();
    try (Caller one = ask(1, "spend", 5, MOST).readAll()) {
      assertTrue(one.text().endsWith("data: [DONE]\n"), one::text);
    }
    awaitNothingHeld();
    Map<String, RuleStatus> statuses = look(1);
    assertEquals(
        15L * FakeModel.EXPENSIVE + 3 * FakeModel.PROMPT, used(statuses.get("team-budget")));
    try (Caller one = ask(1 + TEAMS, "read", 5, MOST).readAll()) {
      assertEquals(429, one.status());
      assertTrue(Integer.parseInt(one.header("Retry-After")) >= 1, one::text);
      assertTrue(one.text().contains("insufficient_quota"), one::text);
      assertTrue(one.text().contains("team-budget"), one::text);
    }
    assertEquals(0, used(look(1 + TEAMS).get("key-requests")), "a denial charges nothing");
  }

  @Test
  void whoWaitsAsToldIsAdmitted_andNobodySooner() throws Exception {
    start(rules -> rules.replace("rate: 60/m", "rate: 1/3s"));
    long before = System.nanoTime();
    try (Caller one = ask(0, "read", 1, MOST).readAll()) {
      assertEquals(200, one.status());
    }
    int told;
    try (Caller one = ask(0, "read", 1, MOST).readAll()) {
      assertEquals(429, one.status());
      told = Integer.parseInt(one.header("Retry-After"));
    }
    long denied = System.nanoTime();
    assertTrue(told >= 1 && told <= 3, "" + told);
    while (System.nanoTime() - denied < Duration.ofSeconds(told).toNanos()) {
      try (Caller one = ask(0, "read", 1, MOST).readAll()) {
        long now = System.nanoTime();
        if (one.status() == 200) {
          assertTrue(now - before >= Duration.ofSeconds(3).toNanos(), "it was admitted too soon");
          return;
        }
      }
    }
    try (Caller one = ask(0, "read", 1, MOST).readAll()) {
      assertEquals(200, one.status(), "it waited as told");
    }
  }

  @Test
  void withoutLimiter_requestsPass() throws Exception {
    start();
    service.destroy();
    service.waitFor();
    try (Caller one = ask(1, "read", 5, MOST).readAll()) {
      assertTrue(one.text().endsWith("data: [DONE]\n"), one::text);
    }
  }

  @Test
  void withoutLimiter_aGatewayThatFailsClosedSays503() throws Exception {
    start("--limiter.client.on-unreachable=closed");
    service.destroy();
    service.waitFor();
    try (Caller one = ask(1, "read", 5, MOST).readAll()) {
      assertEquals(503, one.status());
      assertTrue(one.text().contains("limiter_unreachable"), one::text);
    }
  }

  @Test
  void whatIsNoRequest_isRefused_andChargesNothing() throws Exception {
    start();
    Map<String, String> wrong =
        Map.of(
            ", \"max_tokens\": 0", "max_tokens is 0; use 1 to 1000000",
            ", \"max_completion_tokens\": \"x\"", "max_completion_tokens is \\\"x\\\"; use 1 to",
            ", \"n\": 2", "n is not 1",
            ", \"model\": \"\"", "model has 0 characters; name it with 1 to 128",
            ", \"messages\": 1", "messages is no list",
            ",", "the body is not JSON");
    for (Map.Entry<String, String> one : wrong.entrySet()) {
      try (Caller asked = ask(0, "read", 1, one.getKey()).readAll()) {
        assertEquals(400, asked.status(), asked::text);
        assertTrue(asked.text().contains(one.getValue()), asked::text);
      }
    }
    try (Caller stranger = new Caller(port, "guess", "large", "read 0 1", MOST).readAll()) {
      assertEquals(401, stranger.status());
    }
    assertEquals(0, used(look(0).get("key-requests")));
  }
}
