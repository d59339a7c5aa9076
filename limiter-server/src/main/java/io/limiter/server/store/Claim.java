package io.limiter.server.store;

/**
 * A question that was admitted while Redis could not be asked, to be charged unless Redis has it
 * charged already: its caller may have asked again, another instance.
 *
 * @param question whose record tells
 * @param name that no other claim has
 */
public record Claim(Charge.Idempotency question, String name) {
  /** What became of a claim. */
  public enum Fate {
    /** The question is ours to charge. Whoever asks it again is told that it was answered. */
    TAKEN,
    /** It was charged, or somebody else claimed it. */
    CHARGED,
    /** Nothing is known. It may be claimed again under the same name. */
    UNKNOWN,
    /** Something else is stored where the record should be. */
    UNREADABLE
  }
}
