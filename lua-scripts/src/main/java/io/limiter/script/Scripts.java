package io.limiter.script;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The scripts that Redis runs, each assembled from its parts. Immutable.
 *
 * @param decide answers and charges a batch of questions; see {@link DecideArguments} and {@link
 *     Reply}
 * @param refund gives back what a receipt records
 * @param reset forgets counters
 * @param draw charges a counter ahead of need; see {@link DrawArguments}
 * @param release gives back what was drawn and not used; see {@link ReleaseArguments}
 */
public record Scripts(Script decide, Script refund, Script reset, Script draw, Script release) {
  private static final List<String> ALGORITHMS =
      List.of(
          "fixed_window",
          "sliding_log",
          "sliding_counter",
          "bucket",
          "token_bucket",
          "leaky_bucket");

  /** The scripts for use: the time is that of Redis. */
  public static final Scripts STANDARD = withClock(read("clock.lua"));

  /**
   * The scripts with another source of time.
   *
   * @param clock Lua that declares a local {@code now}, in microseconds since the epoch
   */
  static Scripts withClock(String clock) {
    return new Scripts(
        assemble(clock, "decide.lua"),
        assemble(clock, "refund.lua"),
        new Script(read("reset.lua")),
        assemble(clock, "draw.lua"),
        assemble(clock, "release.lua"));
  }

  private static Script assemble(String clock, String main) {
    return new Script(
        Stream.of(
                Stream.of(clock, read("prelude.lua")),
                ALGORITHMS.stream().map(Scripts::algorithm),
                Stream.of(read("algorithms.lua"), read(main)))
            .flatMap(part -> part)
            .collect(Collectors.joining("\n")));
  }

  /**
   * An algorithm as a function that makes it: a call of the script pays for making those that it
   * needs, which is more than a decision costs.
   */
  private static String algorithm(String name) {
    return "local function %s()\n%s\nend".formatted(name, read("../algorithm/" + name + ".lua"));
  }

  private static String read(String name) {
    String path = ("/io/limiter/script/" + name).replace("script/../", "");
    try (InputStream in = Scripts.class.getResourceAsStream(path)) {
      if (in == null) {
        throw new IllegalStateException(path + " is missing from the class path");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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
