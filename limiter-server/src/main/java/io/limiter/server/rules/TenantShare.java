package io.limiter.server.rules;

import io.limiter.algorithm.Limit;
import io.limiter.server.key.CounterKeys;
import io.limiter.server.key.Keying;
import io.limiter.server.key.ValueHash;
import io.limiter.share.ShareTerms;
import io.limiter.share.SharedLimit;
import java.util.List;
import java.util.Map;

/**
 * How tenants share the counter of a rule. Immutable; safe to share between threads.
 *
 * @param key the attributes whose values make a tenant, 1 or more
 * @param terms what each is entitled to, or those that an override is for
 */
public record TenantShare(List<String> key, ShareTerms terms) {
  public TenantShare {
    key = List.copyOf(key);
  }

  /**
   * The limit as the tenant of a request sees it.
   *
   * @param values how a tenant that is a secret is hashed
   * @param attributes of the request, which have those of {@link #key}
   */
  Limit of(Limit pool, Keying keying, ValueHash values, Map<String, String> attributes) {
    return new SharedLimit(pool, terms, CounterKeys.tenant(values, keying, key, attributes));
  }

  /** In words: {@code shared by tenant: guarantee 10%, weight 1}. */
  String text() {
    String percent =
        java.math.BigDecimal.valueOf(terms.guarantee(), 2).stripTrailingZeros().toPlainString();
    return "shared by %s: guarantee %s%%, weight %d%s"
        .formatted(
            String.join(", ", key),
            percent,
            terms.weight(),
            terms.borrows() ? "" : ", borrows nothing");
  }
}
