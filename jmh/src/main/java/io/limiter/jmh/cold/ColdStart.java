package io.limiter.jmh.cold;

import io.limiter.jmh.BenchedRedis;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;

/**
 * What becomes of the first questions after a start? Starts a service anew, waits only until its
 * port answers, and asks at a fixed rate, each question with a deadline. The generator itself is
 * warmed up against another service before.
 *
 * <pre>java -cp jmh/target/benchmarks.jar io.limiter.jmh.cold.ColdStart [FLAGS]; --help lists them
 * </pre>
 *
 * <pre>
 * … --rate 10000 --deadline 50ms --program bin/limiter
 * … --program "java -jar NEW" --against "java -jar OLD"    in turn
 * … --starts 50 --rate 1 --time 100ms                      a single question of each start
 * … --round-trip 6-16 --deadline 15ms                      who is charged that was refused
 * … --exact --deadline 10s                                 three at a time, on busy processors
 * </pre>
 */
public final class ColdStart {
  private static final Duration WARM_UP_ROUND = Duration.ofSeconds(2);

  private final ColdFlags flags;
  private final Path rules;
  private final BenchedRedis redis;
  private final String uri;

  /** What the rule that admits all was charged by earlier starts. */
  private long alreadyCharged;

  private ColdStart(ColdFlags flags, Path rules, BenchedRedis redis, String uri) {
    this.flags = flags;
    this.rules = rules;
    this.redis = redis;
    this.uri = uri;
  }

  /** What several starts of one program gave. */
  private static final class Program {
    private final String command;
    private final Slices all;
    private final List<Double> startMillis = new ArrayList<>();
    private int failing;

    Program(String command, Duration time) {
      this.command = command;
      this.all = new Slices(time);
    }
  }

  /** Exits with 0 if nothing failed or fell back, with 1 if something did, with 2 for bad flags. */
  public static void main(String[] arguments) throws Exception {
    System.getProperties()
        .putIfAbsent("io.grpc.netty.shaded.io.netty.leakDetection.level", "disabled");
    Locale.setDefault(Locale.ROOT);
    ColdFlags flags = new ColdFlags();
    CommandLine command = new CommandLine(flags);
    try {
      command.parseArgs(arguments);
      flags.check();
    } catch (CommandLine.ParameterException | IllegalArgumentException wrong) {
      System.err.println("cold: " + wrong.getMessage());
      System.exit(2);
    }
    if (flags.help) {
      command.usage(System.out);
      System.exit(0);
    }
    System.exit(run(flags) ? 0 : 1);
  }

  private static boolean run(ColdFlags flags) throws IOException, InterruptedException {
    Path rules = Files.createTempDirectory("limiter-cold-rules");
    Path file = rules.resolve(Asker.DOMAIN + ".yaml");
    Files.writeString(file, Asker.rules());
    try (BenchedRedis redis = BenchedRedis.at("")) {
      URI at = URI.create(redis.uri());
      if (flags.roundTrip.isEmpty()) {
        return new ColdStart(flags, rules, redis, redis.uri()).run();
      }
      String[] millis = flags.roundTrip.split("-", 2);
      try (DelayingLink link =
          new DelayingLink(
              new InetSocketAddress(InetAddress.getLoopbackAddress(), at.getPort()),
              Long.parseLong(millis[0]) * 1_000_000,
              Long.parseLong(millis[1]) * 1_000_000)) {
        return new ColdStart(flags, rules, redis, "redis://127.0.0.1:" + link.port()).run();
      }
    } finally {
      Files.deleteIfExists(file);
      Files.deleteIfExists(rules);
    }
  }

  private boolean run() throws IOException, InterruptedException {
    warmUp();
    if (flags.exact) {
      boolean exact = true;
      for (int i = 0; i < flags.starts; i++) {
        exact &= new ExactStart(flags, rules, uri).run();
      }
      return exact;
    }
    List<Program> programs = new ArrayList<>(List.of(new Program(flags.program, flags.time)));
    if (!flags.against.isEmpty()) {
      programs.add(new Program(flags.against, flags.time));
    }
    for (int i = 0; i < flags.starts; i++) {
      for (int j = 0; j < programs.size(); j++) {
        start(programs.get((i + j) % programs.size()));
      }
    }
    programs.forEach(this::report);
    return programs.get(0).all.failures() == 0;
  }

  /** With connections of its own for each round, as they are made anew later. */
  private void warmUp() throws IOException {
    try (FreshService service = FreshService.start(flags.program, rules, redis.uri())) {
      service.awaitPort();
      for (Duration left = flags.warmup;
          left.compareTo(Duration.ZERO) > 0;
          left = left.minus(WARM_UP_ROUND)) {
        try (Asker asker = new Asker(service.address(), flags.connections, flags.envoy)) {
          asker.warmUp(WARM_UP_ROUND);
          alreadyCharged = asker.charged();
        }
      }
    }
  }

  private void start(Program program) throws IOException, InterruptedException {
    try (FreshService service = FreshService.start(program.command, rules, uri)) {
      double startMillis = service.awaitPort() / 1e6;
      Thread.sleep(flags.pause.toMillis());
      Slices slices;
      long late;
      long charged;
      try (Asker asker = new Asker(service.address(), flags.connections, flags.envoy)) {
        long before = flags.roundTrip.isEmpty() ? 0 : alreadyCharged;
        slices = asker.ask(flags.rate, flags.time, flags.deadline);
        late = asker.lateNanos();
        charged = flags.roundTrip.isEmpty() ? slices.admitted() : asker.charged() - before;
        alreadyCharged = before + charged;
      }
      service.complaints().stream().limit(2).forEach(System.out::println);
      System.out.printf(
          "%s: port after %.0f ms; generator at most %.1f ms late; charged and not admitted: %d%n",
          program.command, startMillis, late / 1e6, charged - slices.admitted());
      System.out.println(slices.total() + "  " + slices.reasons());
      program.startMillis.add(startMillis);
      program.failing += slices.failures() > 0 ? 1 : 0;
      program.all.add(slices);
    }
  }

  private void report(Program program) {
    double[] millis = program.startMillis.stream().mapToDouble(each -> each).sorted().toArray();
    System.out.printf(
        "%n%s%n%d starts, %d of them with failures; port after %.0f ms (%.0f to %.0f)%n",
        program.command,
        millis.length,
        program.failing,
        millis[millis.length / 2],
        millis[0],
        millis[millis.length - 1]);
    System.out.println(Slices.head());
    for (int i = 0; i < program.all.slices(); i++) {
      System.out.println(program.all.line(i));
    }
    System.out.println(program.all.total());
    program.all.reasons().forEach((why, times) -> System.out.println(times + " x " + why));
  }
}
