package io.limiter.server.decide;

import io.limiter.server.rules.Rule;
import io.limiter.server.store.Charge;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A question that was checked against the service's limits, free of any wire format. Nobody may
 * change its maps and lists afterwards: they are not copied, since that took as long as finding the
 * rules.
 *
 * @param domain which set of rules
 * @param attributes who, from where, what
 * @param cost charged to rules that count requests; 0 charges nothing
 * @param unitCosts charged to rules that count another unit; a unit not named costs 0
 * @param inlineRules the caller's own rules. If there is one, they stand in for the domain's; each
 *     applies if the request has every attribute of its key
 * @param wantReceipt whether to keep a record for a refund
 * @param idempotencyKey empty for none
 * @param priority of the rules' priorities; empty for their default
 * @param holdMicros how long what it is charged is held by rules that hold; 0 for a charge that is
 *     final, and of a concurrency limit for as long as that says
 * @param waitNanos how long an answer is of use to the caller, or {@link Charge#ANY_WAIT}
 * @param owner who asks
 */
public record Request(
    String domain,
    Map<String, String> attributes,
    long cost,
    Map<String, Long> unitCosts,
    List<Rule> inlineRules,
    boolean wantReceipt,
    String idempotencyKey,
    String priority,
    long holdMicros,
    long waitNanos,
    Owner owner) {

  /**
   * Who asks, and brings rules.
   *
   * @param name of the caller; empty if it has none
   * @param mostCounters how many counters all rules that it brings may have at a time; 0 for as
   *     many as those of all callers may
   * @param work how many counters its questions may ask
   */
  public record Owner(String name, int mostCounters, Work work) {
    /** Nobody in particular. */
    public static final Owner NOBODY = new Owner("", 0);

    /** Whose questions may ask any number of counters. */
    public Owner(String name, int mostCounters) {
      this(name, mostCounters, Work.UNBOUNDED);
    }
  }

  /** How many counters a caller's questions may ask in a second. Safe to use from any thread. */
  public interface Work {
    /** Any number. */
    Work UNBOUNDED =
        new Work() {
          @Override
          public @Nullable RuntimeException refusal(int counters) {
            return null;
          }

          @Override
          public void giveBack(int counters) {}
        };

    /**
     * Counts counters that are to be asked.
     *
     * @return what the question fails with if they are too many now; then nothing is counted
     */
    @Nullable RuntimeException refusal(int counters);

    /** Gives back what was counted a moment ago, since it is not asked after all. */
    void giveBack(int counters);

    /** Counts counters, and throws the refusal. */
    default void take(int counters) {
      RuntimeException refusal = refusal(counters);
      if (refusal != null) {
        throw refusal;
      }
    }
  }

  /** Of nobody in particular. */
  public Request(
      String domain,
      Map<String, String> attributes,
      long cost,
      Map<String, Long> unitCosts,
      List<Rule> inlineRules,
      boolean wantReceipt,
      String idempotencyKey,
      String priority,
      long holdMicros,
      long waitNanos) {
    this(
        domain,
        attributes,
        cost,
        unitCosts,
        inlineRules,
        wantReceipt,
        idempotencyKey,
        priority,
        holdMicros,
        waitNanos,
        Owner.NOBODY);
  }

  /** Of a caller who did not say how long it waits. */
  public Request(
      String domain,
      Map<String, String> attributes,
      long cost,
      Map<String, Long> unitCosts,
      List<Rule> inlineRules,
      boolean wantReceipt,
      String idempotencyKey) {
    this(
        domain,
        attributes,
        cost,
        unitCosts,
        inlineRules,
        wantReceipt,
        idempotencyKey,
        /* priority= */ "",
        /* holdMicros= */ 0,
        Charge.ANY_WAIT);
  }

  /** Those of its own rules that apply: it has every attribute of their keys. */
  List<Rule> applyingInlineRules() {
    for (Rule rule : inlineRules) {
      if (!attributes.keySet().containsAll(rule.key())) {
        return inlineRules.stream()
            .filter(other -> attributes.keySet().containsAll(other.key()))
            .toList();
      }
    }
    return inlineRules;
  }
}
