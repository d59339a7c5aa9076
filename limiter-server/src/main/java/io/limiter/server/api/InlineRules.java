package io.limiter.server.api;

import com.google.protobuf.Duration;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.LimitOutOfBoundsException;
import io.limiter.ledger.FailureMode;
import io.limiter.server.access.CallerLimits;
import io.limiter.server.key.Keying;
import io.limiter.server.rules.Quoted;
import io.limiter.server.rules.Rule;
import io.limiter.v1.Algorithm;
import io.limiter.v1.InlineRule;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Reads the rules that come with a request. Adds what is wrong with them to its violations. */
final class InlineRules {
  private final RequestLimits limits;
  private final CallerLimits bounds;
  private final Violations violations;
  private final Set<String> names = new HashSet<>();

  /**
   * A reader.
   *
   * @param bounds of who brings them
   */
  InlineRules(RequestLimits limits, CallerLimits bounds, Violations violations) {
    this.limits = limits;
    this.bounds = bounds;
    this.violations = violations;
  }

  /** The rules without violations. Check the violations before using them. */
  List<Rule> read(List<InlineRule> wire) {
    List<Rule> rules = new ArrayList<>(wire.size());
    for (int i = 0; i < wire.size(); i++) {
      int before = violations.count();
      String path = "inline_rules[" + i + "]";
      checkIdentity(path, wire.get(i));
      List<Limit> limit = limit(path, wire.get(i));
      if (violations.count() == before) {
        checkWindow(path, limit.get(0));
      }
      if (violations.count() == before) {
        rules.add(rule(wire.get(i), limit.get(0)));
      }
    }
    return rules;
  }

  /** How long a counter stays in Redis is its caller's choice, within its bounds. */
  private void checkWindow(String path, Limit limit) {
    long most = bounds.inlineWindowMicros();
    long micros = limit.windowMicros(0);
    if (most > 0 && micros > most) {
      violations.add(
          path,
          "counts for %d ms; use at most %d ms, or have this caller's bounds raised"
              .formatted(micros / 1_000, most / 1_000));
    }
  }

  private static Rule rule(InlineRule wire, Limit limit) {
    return new Rule(
        wire.getName(),
        wire.getKeyList(),
        limit,
        Rule.Mode.ENFORCE,
        wire.getUnit(),
        Keying.INLINE,
        FailureMode.LOCAL);
  }

  private void checkIdentity(String path, InlineRule wire) {
    violations.checkName(path + ".name", wire.getName());
    if (!names.add(wire.getName())) {
      violations.add(
          path + ".name",
          "\"%s\" is used twice; give each rule its own name"
              .formatted(Quoted.name(wire.getName())));
    }
    violations.checkSize(path + ".key", wire.getKeyCount(), limits.attributes());
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < Math.min(wire.getKeyCount(), limits.attributes()); i++) {
      String field = path + ".key[" + i + "]";
      String attribute = wire.getKey(i);
      violations.checkBytes(field, attribute, 1, RequestLimits.MAX_NAME_BYTES);
      if (!seen.add(attribute)) {
        violations.add(
            field, "\"%s\" is there twice; name it once".formatted(Quoted.name(attribute)));
      }
    }
    violations.checkBytes(path + ".unit", wire.getUnit(), 0, RequestLimits.MAX_NAME_BYTES);
  }

  /** One limit, or none when its numbers are wrong. */
  private List<Limit> limit(String path, InlineRule wire) {
    int before = violations.count();
    Algorithm algorithm = wire.getAlgorithm();
    Algorithms.Form form = Algorithms.form(algorithm);
    if (form == Algorithms.Form.UNKNOWN) {
      violations.add(
          path + ".algorithm",
          "%d is no algorithm; use %s".formatted(wire.getAlgorithmValue(), Algorithms.NUMBERS));
      return List.of();
    }
    boolean bucket = form == Algorithms.Form.BUCKET;
    boolean window = form == Algorithms.Form.WINDOW;
    boolean holds = form == Algorithms.Form.HOLDS;
    violations.checkCount(path + ".limit", wire.getLimit(), 0);
    violations.checkCount(path + ".capacity", wire.getCapacity(), 0);
    violations.checkCount(path + ".rate", wire.getRate(), bucket ? 1 : 0);
    checkUnset(path + ".limit", bucket && wire.getLimit() != 0, algorithm);
    checkUnset(path + ".window", !window && wire.hasWindow(), algorithm);
    checkUnset(path + ".capacity", !bucket && wire.getCapacity() != 0, algorithm);
    checkUnset(path + ".rate", !bucket && wire.getRate() != 0, algorithm);
    checkUnset(path + ".period", !bucket && wire.hasPeriod(), algorithm);
    checkUnset(path + ".hold", !holds && wire.hasHold(), algorithm);
    long micros =
        bucket
            ? micros(path + ".period", wire.hasPeriod(), wire.getPeriod())
            : holds
                ? micros(path + ".hold", wire.hasHold(), wire.getHold())
                : micros(path + ".window", wire.hasWindow(), wire.getWindow());
    if (violations.count() > before) {
      return List.of();
    }
    try {
      Limit limit = Algorithms.limit(wire, micros);
      long fillsMicros = limit.windowMicros(0);
      if (fillsMicros > limits.inlineWindow().toMillis() * 1_000) {
        violations.add(
            path + ".capacity",
            "fills in %ds; use %s, which --inline-rules-max-window sets"
                .formatted(fillsMicros / 1_000_000, bounds()));
      }
      return List.of(limit);
    } catch (LimitOutOfBoundsException e) {
      violations.addText(path + "." + e.field(), path + "." + e.getMessage());
      return List.of();
    }
  }

  private void checkUnset(String field, boolean set, Algorithm algorithm) {
    if (set) {
      violations.add(field, "does not belong to %s; leave it out".formatted(algorithm));
    }
  }

  /** A duration in microseconds; 0 and a violation if it is not a whole number of them. */
  private long micros(String field, boolean present, Duration duration) {
    long seconds = duration.getSeconds();
    int nanos = duration.getNanos();
    if (!present) {
      violations.add(field, "is not set; use " + bounds());
    } else if (seconds < 0 || nanos < 0 || nanos > 999_999_999) {
      violations.add(
          field,
          "of %d s and %d ns is no positive duration; use %s".formatted(seconds, nanos, bounds()));
    } else if (seconds > limits.inlineWindow().toSeconds()) {
      violations.add(field, "%ds is out of range; use %s".formatted(seconds, bounds()));
    } else if (nanos % 1_000 != 0) {
      violations.add(
          field,
          "of %d s and %d ns is no whole number of microseconds; use a multiple of 1000 ns"
              .formatted(seconds, nanos));
    } else if (seconds == 0 && nanos < 1_000_000) {
      violations.add(field, "%dus is out of range; use %s".formatted(nanos / 1_000, bounds()));
    } else {
      return seconds * 1_000_000 + nanos / 1_000;
    }
    return 0;
  }

  private String bounds() {
    long seconds = limits.inlineWindow().toSeconds();
    return "1ms to " + (seconds % 3_600 == 0 ? seconds / 3_600 + "h" : seconds + "s");
  }
}
