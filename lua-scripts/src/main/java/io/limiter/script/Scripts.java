package io.limiter.script;

import io.limiter.algorithm.Algorithm;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * The scripts that Redis runs, each assembled from its parts. Immutable; safe to share between
 * threads.
 *
 * <p>A call of a script makes all of its functions and locals anew, which takes longer than a
 * decision. So {@code decide} comes in forms. A form holds one algorithm if a call's limits need no
 * other, else all. It holds what questions with headers need only where a call has one.
 */
public final class Scripts {
  private static final List<String> ALGORITHMS = Algorithm.scripts();

  /** Beside the bits of {@link #bit}: what questions with headers need. */
  private static final int HEADERS = 1 << ALGORITHMS.size();

  /** Likewise: what questions need whose counters have books of holds. */
  private static final int HOLDS = HEADERS << 1;

  /** Likewise: what the others need, which are rare: alternatives, and counters that learn. */
  private static final int REST = HOLDS << 1;

  /** Likewise: what questions with counters need that tenants share. */
  private static final int SHARED = REST << 1;

  private static final int EVERY_ALGORITHM = HEADERS - 1;

  private static final Map<Algorithm, Integer> BITS = bits();

  /** The scripts for use: the time is that of Redis. */
  public static final Scripts STANDARD = withClock(ScriptSource.read("script/clock"));

  private final List<Script> decide;
  private final Script refund;
  private final Script observe;
  private final Script charged;
  private final Script reset;
  private final Script draw;
  private final Script release;
  private final Script settle;
  private final Script claim;
  private final Script alive;
  private final Script foreign;
  private final Map<String, Script> byName = new TreeMap<>();

  private Scripts(String clock) {
    Map<Integer, Script> forms = new HashMap<>();
    decide =
        IntStream.range(0, 2 * SHARED)
            .mapToObj(needs -> forms.computeIfAbsent(enough(needs), holds -> form(clock, holds)))
            .toList();
    int everything = EVERY_ALGORITHM | HEADERS;
    forms.forEach((holds, script) -> byName.put(name(holds), script));
    refund =
        named(
            "refund",
            assembly(clock, everything)
                .algorithms()
                .parts("learned", "unlearned", "share_back", "credits", "refund"));
    observe = named("observe", assembly(clock, /* holds= */ 0).parts("learned", "observe"));
    charged = named("charged", new Assembly().parts("charged"));
    reset = named("reset", new Assembly().parts("credits", "reset"));
    draw =
        named(
            "draw", assembly(clock, EVERY_ALGORITHM).algorithmsByRow(false).parts("rows", "draw"));
    release =
        named("release", assembly(clock, everything).algorithms().parts("credits", "release"));
    settle =
        named(
            "settle",
            assembly(clock, EVERY_ALGORITHM)
                .algorithms()
                .parts("settling")
                .ofEachAlgorithm("settling")
                .parts("rows", "settle"));
    claim = named("claim", assembly(clock, /* holds= */ 0).parts("answers", "claim"));
    alive = named("alive", new Assembly().add(clock).parts("alive"));
    foreign = named("foreign", new Assembly().parts("foreign"));
  }

  private Script named(String name, Assembly assembly) {
    Script script = assembly.script();
    byName.put(name, script);
    return script;
  }

  private static Map<Algorithm, Integer> bits() {
    Map<Algorithm, Integer> bits = new EnumMap<>(Algorithm.class);
    for (Algorithm algorithm : Algorithm.values()) {
      bits.put(algorithm, 1 << ALGORITHMS.indexOf(algorithm.script()));
    }
    return bits;
  }

  /**
   * The scripts with another source of time.
   *
   * @param clock Lua that declares a local {@code now}, in microseconds since the epoch
   */
  static Scripts withClock(String clock) {
    return new Scripts(clock);
  }

  /** What the form holds that is called for these needs. */
  private static int enough(int needs) {
    if ((needs & SHARED) != 0) {
      int more = (needs & (HOLDS | REST)) == 0 ? 0 : HOLDS | REST;
      return EVERY_ALGORITHM | HEADERS | more | SHARED;
    }
    if ((needs & REST) != 0) {
      return EVERY_ALGORITHM | HEADERS | HOLDS | REST;
    }
    int holds = (needs & HOLDS) != 0 ? needs | HEADERS : needs;
    return Integer.bitCount(needs & EVERY_ALGORITHM) > 1 ? holds | EVERY_ALGORITHM : holds;
  }

  private static Script form(String clock, int holds) {
    Assembly form = assembly(clock, holds).algorithmsByRow(/* overcharges= */ (holds & HOLDS) != 0);
    if ((holds & SHARED) != 0) {
      form.parts("share_back", "shares");
    }
    form.parts("rows", "decide");
    if ((holds & HEADERS) != 0) {
      form.parts("credits").nest().parts("headers").late("replay", "answers", "replaying");
    }
    if ((holds & SHARED) != 0) {
      form.parts("share_headers");
    }
    if ((holds & HOLDS) != 0) {
      form.parts("books", "healing", "sweeping", "soonest", "holds");
      form.late("answer_ending", "endings");
    }
    if ((holds & REST) != 0) {
      form.parts("learned", "learning", "any");
    }
    return form.parts("questions").script();
  }

  /** How people call a form of {@code decide}. */
  private static String name(int holds) {
    StringBuilder name = new StringBuilder("decide");
    int algorithms = holds & EVERY_ALGORITHM;
    for (int i = 0; i < ALGORITHMS.size() && algorithms != EVERY_ALGORITHM; i++) {
      name.append((algorithms & 1 << i) == 0 ? "" : "-" + ALGORITHMS.get(i));
    }
    return name
        + (algorithms == 0 ? "-empty" : "")
        + ((holds & REST) != 0
            ? "-whole"
            : (holds & HOLDS) != 0
                ? "-holds"
                : (holds & HEADERS) != 0 && (holds & SHARED) == 0 ? "-headers" : "")
        + ((holds & SHARED) == 0 ? "" : "-shared");
  }

  private static Assembly assembly(String clock, int holds) {
    List<String> algorithms =
        ALGORITHMS.stream().filter(name -> (holds & 1 << ALGORITHMS.indexOf(name)) != 0).toList();
    return new Assembly(clock, algorithms, /* givesBack= */ (holds & HEADERS) != 0);
  }

  /** The bit that stands for what an algorithm needs in {@link DecideArguments#algorithms}. */
  static int bit(Algorithm algorithm) {
    return BITS.getOrDefault(algorithm, EVERY_ALGORITHM);
  }

  /** Answers and charges the call's batch of questions; see {@link Reply}. */
  public Script decide(DecideArguments call) {
    return decide.get(
        call.algorithms()
            | (call.hasHeaders() ? HEADERS : 0)
            | (call.hasHolds() ? HOLDS : 0)
            | (call.needsTheRest() ? REST : 0)
            | (call.shares() ? SHARED : 0));
  }

  /** Every script, in all of its forms. */
  public List<Script> all() {
    return List.copyOf(byName.values());
  }

  /** The same, by names for people to read. */
  Map<String, Script> byName() {
    return byName;
  }

  /** Gives back what a receipt records. Must be told the counters that {@link #charged} names. */
  public Script refund() {
    return refund;
  }

  /** Takes in what an upstream said of its own limit; see {@link ObserveArguments}. */
  public Script observe() {
    return observe;
  }

  /** Which counters a receipt's record names. */
  public Script charged() {
    return charged;
  }

  /** Forgets counters. */
  public Script reset() {
    return reset;
  }

  /** Charges a counter ahead of need; see {@link DrawArguments}. */
  public Script draw() {
    return draw;
  }

  /** Notes that an instance is there, and counts those that are. */
  public Script alive() {
    return alive;
  }

  /** Tells what Redis says to a script that touches a key which is not declared. */
  public Script foreign() {
    return foreign;
  }

  /** Gives back what was drawn and not used; see {@link ReleaseArguments}. */
  public Script release() {
    return release;
  }

  /** Charges what was admitted while Redis was away; see {@link SettleArguments}. */
  public Script settle() {
    return settle;
  }

  /** Takes idempotency records; see {@link ClaimArguments}. */
  public Script claim() {
    return claim;
  }

  /**
   * One script.
   *
   * @param source what EVAL takes
   * @param sha what EVALSHA takes: the SHA-1 of the source, in hexadecimal
   */
  public record Script(String source, String sha) {
    Script(String source) {
      this(source, sha1(source));
    }

    private static String sha1(String text) {
      try {
        byte[] digest =
            MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(digest);
      } catch (NoSuchAlgorithmException impossible) {
        throw new AssertionError("every Java runtime has SHA-1", impossible);
      }
    }
  }
}
