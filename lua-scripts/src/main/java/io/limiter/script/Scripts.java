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
 */
public record Scripts(Script decide, Script refund, Script reset) {
  private static final List<String> ALGORITHMS =
      List.of(
          "../algorithm/fixed_window.lua",
          "../algorithm/sliding_log.lua",
          "../algorithm/sliding_counter.lua",
          "../algorithm/bucket.lua",
          "../algorithm/token_bucket.lua",
          "../algorithm/leaky_bucket.lua");

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
        new Script(read("reset.lua")));
  }

  private static Script assemble(String clock, String main) {
    return new Script(
        Stream.of(
                Stream.of(clock, read("prelude.lua")),
                ALGORITHMS.stream().map(Scripts::read),
                Stream.of(read(main)))
            .flatMap(part -> part)
            .collect(Collectors.joining("\n")));
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
