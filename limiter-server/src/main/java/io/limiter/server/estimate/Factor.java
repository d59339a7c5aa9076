package io.limiter.server.estimate;

import java.util.Locale;

/**
 * What share of a guess is held.
 *
 * @param share {@code 1/64} to 1
 * @param settlements how many it was learned from; 0: of too few, and the guess is held whole
 * @param ofKey whether these were of the same key, not of all keys of the rule
 */
public record Factor(double share, int settlements, boolean ofKey) {
  static final Factor WHOLE = new Factor(1, 0, /* ofKey= */ false);

  /** For people: {@code 0.11 of a guess is held, by 200 settlements of this key}. */
  public String text() {
    return settlements == 0
        ? "a guess is held whole until %d settlements are known".formatted(Estimates.LEAST)
        : String.format(
            Locale.ROOT,
            "%.2g of a guess is held, by %d settlements of %s",
            share,
            settlements,
            ofKey ? "this key" : "all keys");
  }
}
