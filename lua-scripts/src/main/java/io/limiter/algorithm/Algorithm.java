package io.limiter.algorithm;

import java.util.Arrays;
import java.util.List;

/**
 * The algorithms, and what the rest of the program must know of each. The numbers and the steps of
 * one are in its {@link Limit}, and in the Lua file beside that.
 *
 * <p>To add an algorithm: a constant here, its {@link Limit} and {@link CounterState}, and its Lua
 * file. The compiler then names every switch that lacks it.
 */
public enum Algorithm {
  FIXED_WINDOW("fixed-window", 'f', "fixed_window", Kind.WINDOW),
  SLIDING_LOG("sliding-log", 'l', "sliding_log", Kind.WINDOW),
  SLIDING_COUNTER("sliding-counter", 'c', "sliding_counter", Kind.WINDOW),
  TOKEN_BUCKET("token-bucket", 't', "bucket", Kind.BUCKET),
  LEAKY_BUCKET("leaky-bucket", 'b', "bucket", Kind.DELAYING_BUCKET),
  CONCURRENCY("concurrency", 'h', "concurrency", Kind.HOLDS);

  private enum Kind {
    WINDOW,
    BUCKET,
    DELAYING_BUCKET,
    HOLDS
  }

  private static final List<String> SCRIPTS =
      Arrays.stream(values()).map(Algorithm::script).distinct().toList();

  private final String label;
  private final char letter;
  private final String script;
  private final Kind kind;

  Algorithm(String label, char letter, String script, Kind kind) {
    this.label = label;
    this.letter = letter;
    this.script = script;
    this.kind = kind;
  }

  /** The name used in rules files, metrics and messages, such as {@code token-bucket}. */
  public String label() {
    return label;
  }

  /** The letter that stands for the algorithm and its stored form in a counter's key. */
  public char letter() {
    return letter;
  }

  /** The Lua file that it runs in, without path and ending. Algorithms may share one. */
  public String script() {
    return script;
  }

  /** Every Lua file once, in the order in which scripts hold them. */
  public static List<String> scripts() {
    return SCRIPTS;
  }

  /** Whether an admission may say to wait before going ahead. */
  public boolean delays() {
    return kind == Kind.DELAYING_BUCKET;
  }

  /**
   * Whether a script says how much was in use before the first of several charges: {@link
   * Limit#dealt} needs it.
   */
  public boolean tellsUse() {
    return kind == Kind.BUCKET || kind == Kind.DELAYING_BUCKET;
  }
}
