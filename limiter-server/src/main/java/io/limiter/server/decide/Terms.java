package io.limiter.server.decide;

import io.limiter.server.estimate.Estimates;
import io.limiter.server.key.ValueHash;
import java.util.function.Supplier;

/**
 * What a question is made by, beside the rules.
 *
 * @param unknown how it is answered if its domain is unknown
 * @param estimates what is held in place of guesses
 * @param values how secrets among its attributes are hashed
 */
record Terms(UnknownDomain unknown, Estimates estimates, ValueHash values) {

  /** At all times the same, without a secret. */
  static Supplier<Terms> plain(UnknownDomain unknown) {
    Terms terms = new Terms(unknown, new Estimates(), ValueHash.PLAIN);
    return () -> terms;
  }

  Terms hashing(ValueHash other) {
    return new Terms(unknown, estimates, other);
  }
}
