package io.limiter.server.rules.syntax;

import com.google.common.collect.ImmutableMap;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.limiter.algorithm.Algorithm;
import io.limiter.ledger.Holding;
import io.limiter.server.rules.yaml.Fields;
import io.limiter.server.rules.yaml.Located;
import io.limiter.server.rules.yaml.Problems;
import java.util.List;
import java.util.Optional;

/** What a rule of another algorithm than concurrency holds, as files say it. */
public final class HoldSyntax {
  /** How long it holds at most; a number of {@code concurrency}. */
  public static final String HOLD = "hold";

  /** What follows when a hold expires. */
  public static final String ON_EXPIRY = "on-expiry";

  /** What may follow: whether it stays charged. */
  private static final ImmutableMap<String, Boolean> OUTCOMES =
      ImmutableMap.of("release", false, "charge", true);

  private HoldSyntax() {}

  /** Reads the fields; what is wrong is a problem. Empty if it holds nothing. */
  public static Optional<Holding> read(
      Fields rule, Optional<Algorithm> algorithm, Problems problems) {
    Optional<Located<Boolean>> charged = rule.choice(ON_EXPIRY, OUTCOMES);
    if (algorithm.filter(known -> known == Algorithm.CONCURRENCY).isPresent()) {
      charged.ifPresent(
          given ->
              problems.add(
                  given.at(),
                  "on-expiry does not belong to concurrency, whose holds end when they expire;"
                      + " remove it"));
      return Optional.empty();
    }
    Optional<Located<Long>> hold = rule.read(HOLD, Syntax::hold);
    if (hold.isEmpty()) {
      charged
          .filter(given -> rule.get(HOLD).isEmpty())
          .ifPresent(
              given ->
                  problems.add(
                      given.at(),
                      "on-expiry is of use beside hold only; add how long a hold may last, such as"
                          + " hold: 2m"));
      return Optional.empty();
    }
    rule.get("lease")
        .ifPresent(
            lease ->
                problems.add(
                    lease,
                    "lease does not belong to a rule with hold, since what is held is kept beside"
                        + " the counter; remove one of them"));
    return hold.map(given -> new Holding(given.value(), charged.map(Located::value).orElse(false)));
  }

  /** What {@code on-expiry} may be. */
  public static JsonObject schema() {
    return Subschema.choice(OUTCOMES.keySet(), "What follows when a hold expires.");
  }

  /** Takes in what does not belong to an algorithm. */
  public static void forbid(Algorithm algorithm, JsonObject forbidden) {
    if (algorithm == Algorithm.CONCURRENCY) {
      forbidden.add(ON_EXPIRY, new JsonPrimitive(false));
    }
  }

  /** Adds to fields those that these do not go without. */
  public static JsonObject requireIn(JsonObject others) {
    others.add(ON_EXPIRY, Subschema.strings(List.of(HOLD)));
    return others;
  }
}
