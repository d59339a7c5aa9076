package io.limiter.server.store.fallback;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.limiter.algorithm.Limit;
import io.limiter.ledger.FailureMode;
import io.limiter.ledger.Role;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.StoreException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Asks a fallback, as Redis cannot be asked. */
final class AwayRedis {
  private AwayRedis() {}

  static Charge.Entry entry(String key, Limit limit, FailureMode mode) {
    return entry(Role.ENFORCED, key, limit, mode);
  }

  static Charge.Entry entry(Role role, String key, Limit limit, FailureMode mode) {
    return new Charge.Entry(role, key, limit, 1, mode, null);
  }

  static Answer.Decided ask(RuleFallback fallback, Charge.Entry... entries) {
    return assertInstanceOf(
        Answer.Decided.class,
        answer(fallback, new Charge.Whole(List.of(entries)), StoreException.Kind.UNAVAILABLE));
  }

  static @Nullable Answer answer(RuleFallback fallback, Charge charge, StoreException.Kind kind) {
    return fallback.answer(charge, new StoreException(kind, "away", null));
  }
}
