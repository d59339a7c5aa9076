package io.limiter.script;

import io.limiter.algorithm.Algorithm;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The scripts that Redis runs, each put together of its parts. Immutable.
 *
 * <p>A call of a script makes all of its functions and locals anew, which takes longer than a
 * decision. So {@code decide} comes in forms: with one algorithm if a call's limits need no other,
 * else with all, and with or without what questions with headers need.
 */
public final class Scripts {
  private static final List<String> ALGORITHMS =
      List.of("fixed_window", "sliding_log", "sliding_counter", "bucket");

  /** Beside the bits of {@link #bit}: what questions with headers need. */
  private static final int HEADERS = 1 << ALGORITHMS.size();

  private static final int EVERY_ALGORITHM = HEADERS - 1;

  private static final Pattern CONSTANT =
      Pattern.compile("^local ([A-Z][A-Z_]+) = ([0-9]+)( --.*)?\n", Pattern.MULTILINE);

  /** The scripts for use: the time is that of Redis. */
  public static final Scripts STANDARD = withClock(read("script/clock"));

  private final List<Script> decide;
  private final Script refund;
  private final Script reset;
  private final Script draw;
  private final Script release;

  private Scripts(String clock) {
    Map<Integer, Script> forms = new HashMap<>();
    decide =
        IntStream.range(0, 2 * HEADERS)
            .mapToObj(needs -> forms.computeIfAbsent(enough(needs), holds -> form(clock, holds)))
            .toList();
    int everything = EVERY_ALGORITHM | HEADERS;
    refund = assemble(clock, everything, "refunds", "refund");
    reset = new Script(read("script/reset"));
    draw = assemble(clock, EVERY_ALGORITHM, "rows", "draw");
    release = assemble(clock, everything, "refunds", "release");
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
    int algorithms = needs & EVERY_ALGORITHM;
    return Integer.bitCount(algorithms) > 1 ? needs | EVERY_ALGORITHM : needs;
  }

  private static Script form(String clock, int holds) {
    return (holds & HEADERS) == 0
        ? assemble(clock, holds, "rows", "decide", "questions")
        : assemble(clock, holds, "rows", "decide", "headers", "questions");
  }

  /**
   * The algorithms that a script holds, and if it holds {@link #HEADERS}, also how these give back;
   * then the parts that are named.
   */
  private static Script assemble(String clock, int holds, String... parts) {
    List<String> texts = new ArrayList<>(List.of(clock, read("script/prelude")));
    boolean back = (holds & HEADERS) != 0;
    if (back) {
      texts.add(read("script/back"));
    }
    for (int i = 0; i < ALGORITHMS.size(); i++) {
      if ((holds & 1 << i) != 0) {
        texts.add(read("algorithm/" + ALGORITHMS.get(i)));
        if (back) {
          texts.add(read("algorithm/" + ALGORITHMS.get(i) + "_back"));
        }
      }
    }
    for (String part : parts) {
      texts.add(read("script/" + part));
    }
    return new Script(withNumbers(String.join("\n", texts)));
  }

  /** Puts the numbers of constants in the place of their names. */
  private static String withNumbers(String source) {
    String text = CONSTANT.matcher(source).replaceAll("");
    Matcher constant = CONSTANT.matcher(source);
    while (constant.find()) {
      text = text.replaceAll("\\b" + constant.group(1) + "\\b", constant.group(2));
    }
    return text;
  }

  private static String read(String name) {
    String path = "/io/limiter/" + name + ".lua";
    try (InputStream in = Scripts.class.getResourceAsStream(path)) {
      if (in == null) {
        throw new IllegalStateException(path + " is missing from the class path");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The bit that stands for what an algorithm needs in {@link DecideArguments#algorithms}. */
  static int bit(Algorithm algorithm) {
    return switch (algorithm) {
      case FIXED_WINDOW -> 1;
      case SLIDING_LOG -> 1 << 1;
      case SLIDING_COUNTER -> 1 << 2;
      case TOKEN_BUCKET, LEAKY_BUCKET -> 1 << 3;
    };
  }

  /** Answers and charges the call's batch of questions; see {@link Reply}. */
  public Script decide(DecideArguments call) {
    return decide.get(call.algorithms() | (call.hasHeaders() ? HEADERS : 0));
  }

  /** Every script, in all of its forms. */
  public List<Script> all() {
    return Stream.concat(decide.stream().distinct(), Stream.of(refund, reset, draw, release))
        .toList();
  }

  /** Gives back what a receipt records. */
  public Script refund() {
    return refund;
  }

  /** Forgets counters. */
  public Script reset() {
    return reset;
  }

  /** Charges a counter ahead of need; see {@link DrawArguments}. */
  public Script draw() {
    return draw;
  }

  /** Gives back what was drawn and not used; see {@link ReleaseArguments}. */
  public Script release() {
    return release;
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
