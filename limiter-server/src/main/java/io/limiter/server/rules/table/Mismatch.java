package io.limiter.server.rules.table;

import io.limiter.server.rules.Quoted;
import io.limiter.server.rules.Suggestion;
import io.limiter.server.rules.index.AttributePattern;
import io.limiter.server.rules.index.Condition;
import io.limiter.server.rules.index.PatternText;
import io.limiter.server.rules.index.When;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Tells people why a rule does not apply to a request. */
final class Mismatch {
  /** The most reasons, and patterns of one reason: a list may hold 10,000 users. */
  private static final int MOST = 3;

  private Mismatch() {}

  /** A reason for each condition that is not met, the first few of them. */
  static List<String> reasons(When when, Map<String, String> attributes) {
    List<String> reasons = new ArrayList<>();
    int more = 0;
    for (Condition condition : when.conditions()) {
      String value = attributes.get(condition.attribute());
      if (!condition.matches(value)) {
        if (reasons.size() == MOST) {
          more++;
        } else {
          reasons.add(Quoted.line(value == null ? absent(condition) : other(condition, value)));
        }
      }
    }
    if (more > 0) {
      reasons.add("and %d more reasons".formatted(more));
    }
    return reasons;
  }

  private static String absent(Condition condition) {
    String absent = "attribute %s is absent".formatted(condition.attribute());
    return condition.wanted().contains(AttributePattern.ANY)
        ? absent
        : absent + "; it must be " + list(condition.wanted());
  }

  private static String other(Condition condition, String value) {
    String is = "%s is %s".formatted(condition.attribute(), Quoted.text(value));
    for (AttributePattern unwanted : condition.unwanted()) {
      if (unwanted.matches(value)) {
        return is + ", which " + Quoted.text("!" + PatternText.of(unwanted)) + " excludes";
      }
    }
    return is + ", not " + list(condition.wanted());
  }

  private static String list(List<AttributePattern> patterns) {
    List<String> shown = new ArrayList<>();
    for (AttributePattern pattern : patterns.subList(0, Math.min(MOST, patterns.size()))) {
      shown.add(Quoted.text(PatternText.of(pattern)));
    }
    if (patterns.size() > MOST) {
      shown.add("%d more".formatted(patterns.size() - MOST));
    }
    return Suggestion.oneOf(shown);
  }
}
