package io.limiter.server.rules.syntax;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.limiter.algorithm.Algorithm;
import io.limiter.ledger.Holding;
import io.limiter.server.rules.yaml.Fields;
import io.limiter.server.rules.yaml.Located;
import io.limiter.server.rules.yaml.Problems;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a rule of another algorithm than concurrency holds, as files say it. */
public final class HoldSyntax {
  /** How long it holds at most; a number of {@code concurrency}. */
  public static final String HOLD = "hold";

  /** What follows when a hold expires. */
  public static final String ON_EXPIRY = "on-expiry";

  /** Of earlier holds which quantile a guess is corrected by. */
  public static final String ESTIMATE = "estimate";

  /** The fields that rules of any algorithm have besides their numbers. */
  public static final ImmutableList<String> FIELDS = ImmutableList.of(ON_EXPIRY, ESTIMATE);

  /** What may follow: whether it stays charged. */
  private static final ImmutableMap<String, Boolean> OUTCOMES =
      ImmutableMap.of("release", false, "charge", true);

  /** The quantiles, in percent. */
  private static final ImmutableMap<String, Integer> QUANTILES =
      ImmutableMap.of("p50", 50, "p90", 90, "p95", 95, "p99", 99);

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

  /** By which quantile, in percent, it corrects guesses; 0 for none. What is wrong is a problem. */
  public static int estimate(Fields rule, Optional<Algorithm> algorithm, Problems problems) {
    Optional<Located<Integer>> quantile = rule.choice(ESTIMATE, QUANTILES);
    if (algorithm.filter(known -> known == Algorithm.CONCURRENCY).isPresent()) {
      quantile.ifPresent(
          given ->
              problems.add(
                  given.at(),
                  "estimate does not belong to concurrency, whose holds are not settled by what was"
                      + " used; remove it"));
    } else if (rule.get(HOLD).isEmpty()) {
      quantile.ifPresent(
          given ->
              problems.add(
                  given.at(),
                  "estimate is of use beside hold only; add how long a hold may last, such as"
                      + " hold: 2m"));
    }
    return quantile.map(Located::value).orElse(0);
  }

  /** What these fields may be, but for how long a hold lasts. */
  public static Map<String, JsonObject> schemas() {
    return Map.of(
        ON_EXPIRY,
        Subschema.choice(OUTCOMES.keySet(), "What follows when a hold expires."),
        ESTIMATE,
        Subschema.choice(
            QUANTILES.keySet(), "Holds this quantile of what was used of earlier guesses."));
  }

  /** Takes in what does not belong to an algorithm. */
  public static void forbid(Algorithm algorithm, JsonObject forbidden) {
    if (algorithm == Algorithm.CONCURRENCY) {
      FIELDS.forEach(field -> forbidden.add(field, new JsonPrimitive(false)));
    }
  }

  /** Adds to fields those that these do not go without. */
  public static JsonObject requireIn(JsonObject others) {
    FIELDS.forEach(field -> others.add(field, Subschema.strings(List.of(HOLD))));
    return others;
  }
}
