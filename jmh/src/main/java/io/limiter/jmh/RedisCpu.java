package io.limiter.jmh;

import io.lettuce.core.ScriptOutputType;
import io.limiter.algorithm.Bounds;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.TokenBucket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * How much of Redis's processor does a decision take, and what does batching save? Redis is one
 * thread, so this is what bounds the decisions it can make. It asks one-rule questions of cost 1
 * about 100,000 counters picked evenly, in calls of 1, 16 and 64 questions. It asks one counter 16,
 * 64 and 256 times in one entry. In the same run it measures a plain INCR and a script that does
 * nothing.
 *
 * <pre>
 * java -cp jmh/target/benchmarks.jar io.limiter.jmh.RedisCpu [--quick] [--redis URI] [--json FILE]
 * </pre>
 *
 * With {@code --quick} only the token bucket's rows, without those of lapsed counters. Without
 * {@code --redis} it starts one of its own. The one given is emptied.
 */
public final class RedisCpu {
  private static final int QUESTIONS = 64_000;
  private static final int[] BATCHES = {1, 16, 64};
  private static final int[] TIMES = {16, 64, 256};
  private static final Limit DENIES = TokenBucket.of(1, Bounds.MAX_WINDOW_MICROS, 1);

  /** The least that a script does that reads each of its keys and writes it: no decision. */
  private static final String GET_AND_SET =
      """
      local call = redis.call
      for i = 1, #KEYS do
        call('GET', KEYS[i])
        call('SET', KEYS[i], ARGV[1], 'PX', ARGV[2])
      end
      return 1
      """;

  private final BenchedRedis redis;
  private final CpuMeter meter;
  private final List<Row> rows = new ArrayList<>();

  private RedisCpu(BenchedRedis redis) {
    this.redis = redis;
    meter = new CpuMeter(redis.connection());
  }

  /** What one kind of command took, in microseconds for each question. */
  private record Row(String name, int batch, double micros) {}

  /** Prints the table. */
  public static void main(String[] arguments) throws IOException {
    try (BenchedRedis redis = BenchedRedis.at(option(arguments, "--redis"))) {
      RedisCpu run = new RedisCpu(redis);
      System.out.println(run.machine());
      run.baselines();
      run.decisions(List.of(arguments).contains("--quick"));
      run.hot();
      String json = option(arguments, "--json");
      if (!json.isEmpty()) {
        Files.writeString(Path.of(json), run.json());
      }
    }
  }

  private static String option(String[] arguments, String name) {
    for (int i = 0; i + 1 < arguments.length; i++) {
      if (arguments[i].equals(name)) {
        return arguments[i + 1];
      }
    }
    return "";
  }

  private void baselines() {
    Random random = new Random(1);
    List<CpuMeter.Sending> incr = new ArrayList<>();
    List<CpuMeter.Sending> noop = new ArrayList<>();
    String sha = redis.connection().sync().scriptLoad("return 1");
    for (int i = 0; i < QUESTIONS; i++) {
      String key = "incr:user-%06d".formatted(random.nextInt(DecideCall.KEYS));
      incr.add(commands -> commands.incr(key));
      noop.add(commands -> commands.evalsha(sha, ScriptOutputType.INTEGER));
    }
    print("INCR", 1, meter.microsPerQuestion(incr, 1));
    print("EVALSHA of 'return 1'", 1, meter.microsPerQuestion(noop, 1));
  }

  private void decisions(boolean quick) {
    for (int batch : BATCHES) {
      getAndSet(batch);
      for (BenchedLimit algorithm : BenchedLimit.values()) {
        if (!quick || algorithm == BenchedLimit.TOKEN_BUCKET) {
          Limit limit = algorithm.of(1_000);
          decisions(limit.algorithm().label() + ", admitted", limit, batch, true);
        }
      }
      if (!quick) {
        // 100/s: a counter is free again, and its key gone, long before it is asked once more.
        Limit lapsing = TokenBucket.of(100, 1_000_000, 200);
        decisions("token-bucket, admitted, lapsed", lapsing, batch, true);
      }
      decisions("token-bucket, denied", DENIES, batch, false);
    }
  }

  private void getAndSet(int batch) {
    redis.connection().sync().flushall();
    String sha = redis.connection().sync().scriptLoad(GET_AND_SET);
    String state = "s".repeat(33); // as long as that of a bucket
    Random random = new Random(1);
    List<CpuMeter.Sending> round = new ArrayList<>();
    for (int i = 0; i < QUESTIONS / batch; i++) {
      String[] keys = DecideCall.of(DENIES, batch, random).keys();
      round.add(
          commands -> commands.evalsha(sha, ScriptOutputType.INTEGER, keys, state, "1000000"));
    }
    print("GET and SET, no decision", batch, meter.microsPerQuestion(round, batch));
  }

  private void decisions(String name, Limit limit, int batch, boolean admitted) {
    redis.connection().sync().flushall();
    DecideCall.of(limit, 0, 1).load(redis.connection().sync());
    meter.run(everyKeyOnce(limit), 64);
    Random random = new Random(1);
    List<CpuMeter.Sending> round = new ArrayList<>();
    for (int i = 0; i < QUESTIONS / batch; i++) {
      round.add(expecting(DecideCall.of(limit, batch, random), admitted));
    }
    print(name, batch, meter.microsPerQuestion(round, batch));
  }

  private void hot() {
    for (int times : TIMES) {
      // More than the six rounds ask, and never free again meanwhile.
      Limit limit = TokenBucket.of(1, 1_000_000, 10 * QUESTIONS);
      hot("token-bucket, one counter, admitted", limit, times, true);
      hot("token-bucket, one counter, denied", DENIES, times, false);
    }
  }

  private void hot(String name, Limit limit, int times, boolean admitted) {
    redis.connection().sync().flushall();
    DecideCall.hot(limit, 1).load(redis.connection().sync());
    meter.run(List.of(DecideCall.hot(limit, 1)::send), 1);
    List<CpuMeter.Sending> round =
        Collections.nCopies(QUESTIONS / times, expecting(DecideCall.hot(limit, times), admitted));
    print(name, times, meter.microsPerQuestion(round, times));
  }

  private static List<CpuMeter.Sending> everyKeyOnce(Limit limit) {
    List<CpuMeter.Sending> calls = new ArrayList<>();
    for (int first = 0; first < DecideCall.KEYS; first += 50) {
      DecideCall call = DecideCall.of(limit, first, 50);
      calls.add(call::send);
    }
    return calls;
  }

  /** A row that measured something else than its name says is worth nothing. */
  private static CpuMeter.Sending expecting(DecideCall call, boolean admitted) {
    int expected = admitted ? call.questions() : 0;
    return commands ->
        call.send(commands)
            .thenAccept(
                reply -> {
                  if (call.admitted(reply) != expected) {
                    throw new IllegalStateException(
                        "expected %d admitted, got %s".formatted(expected, reply));
                  }
                });
  }

  private void print(String name, int batch, double micros) {
    rows.add(new Row(name, batch, micros));
    System.out.printf(
        Locale.ROOT,
        "%-36s batch %3d  %6.2f µs  %5.1f x INCR%n",
        name,
        batch,
        micros,
        micros / rows.get(0).micros);
  }

  private String machine() throws IOException {
    return "CPU %s, %d processors; JDK %s; Redis %s"
        .formatted(
            Cpu.model(),
            Runtime.getRuntime().availableProcessors(),
            System.getProperty("java.version"),
            redis.info().version());
  }

  private String json() throws IOException {
    List<String> lines = new ArrayList<>();
    for (Row row : rows) {
      lines.add(
          String.format(
              Locale.ROOT,
              "    {\"name\": \"%s\", \"batch\": %d, \"microsPerQuestion\": %.3f}",
              row.name,
              row.batch,
              row.micros));
    }
    return "{\n  \"machine\": \"%s\",\n  \"rows\": [\n%s\n  ]\n}\n"
        .formatted(machine(), String.join(",\n", lines));
  }
}
