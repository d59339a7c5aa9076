package io.limiter.server.store;

import io.limiter.ledger.Role;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Makes charges of enforced and shadow entries. */
public final class Charges {
  private Charges() {}

  /** The enforced entries, then the others as shadow entries. */
  public static Charge of(
      List<Charge.Entry> enforced,
      List<Charge.Entry> shadow,
      boolean wantReceipt,
      Charge.@Nullable Idempotency idempotency) {
    List<Charge.Entry> entries =
        Stream.concat(
                enforced.stream(),
                shadow.stream()
                    .map(
                        entry ->
                            new Charge.Entry(
                                Role.SHADOW, entry.key(), entry.limit(), entry.cost())))
            .toList();
    return new Charge.Whole(entries, wantReceipt, idempotency);
  }
}
