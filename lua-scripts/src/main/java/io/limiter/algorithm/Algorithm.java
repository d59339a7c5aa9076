package io.limiter.algorithm;

/** The algorithms, with the letter that names each in a counter's key and in the scripts. */
public enum Algorithm {
  FIXED_WINDOW("fixed-window", 'f'),
  SLIDING_LOG("sliding-log", 'l'),
  SLIDING_COUNTER("sliding-counter", 'c'),
  TOKEN_BUCKET("token-bucket", 't'),
  LEAKY_BUCKET("leaky-bucket", 'b');

  private final String label;
  private final char letter;

  Algorithm(String label, char letter) {
    this.label = label;
    this.letter = letter;
  }

  /** The name used in rules files, metrics and messages, such as {@code token-bucket}. */
  public String label() {
    return label;
  }

  /** The letter that stands for the algorithm and its stored form in a counter's key. */
  public char letter() {
    return letter;
  }
}
