package io.limiter.ledger;

/** What a counter's denial does to the question that asks it; see {@link Ledger}. */
public enum Role {
  /** It denies the question. */
  ENFORCED("enforce"),

  /** It denies the question if every other quota of the question denies too. */
  QUOTA("quota"),

  /** Nothing: it is charged if the question is admitted and it admits too. */
  SHADOW("shadow"),

  /**
   * Nothing: it is charged as if it stood in place of the counter before it, so if it admits and
   * the question is admitted, or denied by that counter alone; by all quotas together, if that
   * counter is one.
   */
  CANDIDATE("candidate"),

  /**
   * What that of the counter before it does, which counts the same under another key: both admit,
   * or neither does, and neither is charged without the other. A denial of both is one.
   */
  JOINED("joined");

  private final String label;

  Role(String label) {
    this.label = label;
  }

  /** How metrics and explanations call a rule of this role: {@code enforce}, {@code quota}, ... */
  public String label() {
    return label;
  }

  /** Whether a denial can deny the question. */
  public boolean canDeny() {
    return this == ENFORCED || this == QUOTA;
  }
}
