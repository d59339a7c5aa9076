package io.limiter.server.gateway;

import io.limiter.algorithm.Outcome;
import io.limiter.server.decide.Verdict;
import io.limiter.server.rules.DenialKind;
import io.limiter.server.rules.LimitSyntax;
import io.limiter.server.rules.profile.OnDenial;
import io.limiter.server.rules.profile.Profile;
import io.limiter.server.store.Source;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The answer to what is denied: a problem as RFC 9457 has it, of a type that
 * draft-ietf-httpapi-ratelimit-headers-10, section 6, registers.
 */
final class Denial {
  /** Holds the status for the caller, where the gateway gets another. */
  static final String STATUS_HEADER = "X-RateLimit-Status";

  private static final String TYPES = "https://iana.org/assignments/http-problem-types#";
  private static final String EXCEEDED = TYPES + "quota-exceeded";
  private static final String EXCEEDED_TITLE =
      "Request cannot be satisfied as assigned quota has been exceeded";
  private static final String REDUCED = TYPES + "temporary-reduced-capacity";
  private static final String REDUCED_TITLE =
      "Request cannot be satisfied due to temporary server capacity constraints";

  private Denial() {}

  static GatewayAnswer of(Profile profile, Verdict verdict) {
    Verdict.Status denying = denying(verdict);
    if (denying == null) {
      String detail = "the domain of this profile has no rules";
      return answer(
          profile,
          DenialKind.RATE,
          Map.of(),
          new ProblemText("about:blank", "Denied", status(profile, DenialKind.RATE), detail));
    }
    DenialKind kind = denying.kind();
    boolean closed = verdict.source() == Source.FAIL_CLOSED;
    OptionalLong wait = verdict.retryAfterMicros();
    ProblemText problem =
        new ProblemText(
            closed ? REDUCED : EXCEEDED,
            closed ? REDUCED_TITLE : EXCEEDED_TITLE,
            status(profile, kind),
            detail(denying, closed, wait));
    problem.add("violated-policies", violated(verdict));
    problem.add("rule", denying.rule().name());
    problem.add("kind", kind.word());
    if (wait.isPresent()) {
      long micros = wait.getAsLong();
      problem.add("retry-after", Verdict.wholeSeconds(micros));
      problem.addTime("retry-at", Verdict.wholeSeconds(verdict.nowMicros() + micros));
    }
    return answer(profile, kind, Admission.headers(profile, verdict), problem);
  }

  /** The rules that deny, each once. */
  private static List<String> violated(Verdict verdict) {
    List<String> violated = new ArrayList<>(verdict.statuses().size());
    for (Verdict.Status status : verdict.statuses()) {
      if (status.denies() && !violated.contains(status.rule().name())) {
        violated.add(status.rule().name());
      }
    }
    return violated;
  }

  /** Of a profile that denies what cannot be decided. */
  static GatewayAnswer withoutDecision(Profile profile) {
    DenialKind kind = DenialKind.RATE;
    String detail = "no decision could be made; ask again later";
    return answer(
        profile,
        kind,
        Map.of(),
        new ProblemText(REDUCED, REDUCED_TITLE, status(profile, kind), detail));
  }

  /** The status that the caller is told of. */
  private static Verdict.@Nullable Status denying(Verdict verdict) {
    Verdict.Status strictest = Verdict.strictest(verdict.statuses());
    return strictest != null && strictest.denies() ? strictest : null;
  }

  private static String detail(Verdict.Status denying, boolean closed, OptionalLong wait) {
    String rule = denying.rule().name();
    if (closed) {
      return "rule " + rule + " admits nothing while its counters cannot be asked";
    }
    if (denying.outcome() instanceof Outcome.Never) {
      return "rule " + rule + " never has room for what this request costs; ask for less";
    }
    String limit = "rule " + rule + " admits " + LimitSyntax.text(denying.rule());
    return wait.isPresent()
        ? limit + "; ask again in " + Verdict.wholeSeconds(wait.getAsLong()) + " s"
        : limit;
  }

  /** What the gateway gets. */
  private static int status(Profile profile, DenialKind kind) {
    OnDenial onDenial = profile.telling().onDenial();
    return onDenial.forGateway().orElse(onDenial.status(kind));
  }

  private static GatewayAnswer answer(
      Profile profile, DenialKind kind, Map<String, String> headers, ProblemText problem) {
    OnDenial onDenial = profile.telling().onDenial();
    Map<String, String> all = headers;
    if (onDenial.forGateway().isPresent()) {
      all = new LinkedHashMap<>(headers);
      all.put(STATUS_HEADER, Integer.toString(onDenial.status(kind)));
    }
    return new GatewayAnswer(status(profile, kind), all, problem.toString());
  }
}
