package io.limiter.server.cli;

import com.google.protobuf.Duration;
import io.limiter.server.rules.Quoted;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.RuleStatus;
import io.limiter.v1.Source;
import java.util.List;
import java.util.Locale;

/** A response as text: the result, then a line for each rule. */
final class AnswerText {
  private AnswerText() {}

  static String of(CheckAndConsumeResponse answer) {
    StringBuilder text = new StringBuilder(result(answer));
    List<RuleStatus> rules = answer.getStatusesList();
    int names = rules.stream().mapToInt(rule -> rule.getRule().length()).max().orElse(0);
    for (RuleStatus rule : rules) {
      text.append(
          "%n  %-${n}s  %-15s  %s"
              .replace("${n}", Integer.toString(names))
              .formatted(Quoted.line(rule.getRule()), algorithm(rule), outcome(rule)));
    }
    return text.toString();
  }

  private static String result(CheckAndConsumeResponse answer) {
    if (answer.getSource() == Source.NO_RULE) {
      return "admitted: no rule applies";
    }
    String by = " by " + answer.getSource().name().toLowerCase(Locale.ROOT);
    if (answer.getAllowed()) {
      return "admitted"
          + by
          + (answer.hasDelay() ? "; wait " + show(answer.getDelay()) + " before going ahead" : "");
    }
    return "denied"
        + by
        + (answer.hasRetryAfter()
            ? "; retry after " + show(answer.getRetryAfter())
            : "; retrying does not help");
  }

  private static String outcome(RuleStatus rule) {
    StringBuilder text = new StringBuilder(rule.getAllowed() ? "admits" : "denies");
    if (rule.getCandidate()) {
      text.append(" (candidate: does not count)");
    } else if (rule.getShadow()) {
      text.append(" (shadow: does not count)");
    }
    text.append(", ").append(quota(rule));
    if (rule.getNever()) {
      text.append(", the cost never fits");
    }
    if (rule.hasRetryAfter()) {
      text.append(", retry after ").append(show(rule.getRetryAfter()));
    }
    return text.append(reset(rule)).toString();
  }

  /** The state of a counter: {@code 2 of 3 requests left, as new in 20s}. */
  static String left(RuleStatus rule) {
    boolean isNew = rule.getResetAfter().equals(Duration.getDefaultInstance());
    return quota(rule) + (isNew ? ", as new" : reset(rule));
  }

  private static String quota(RuleStatus rule) {
    return "%d of %d %s left".formatted(rule.getRemaining(), rule.getLimit(), unit(rule));
  }

  private static String reset(RuleStatus rule) {
    return rule.hasResetAfter() ? ", as new in " + show(rule.getResetAfter()) : "";
  }

  private static String unit(RuleStatus rule) {
    return rule.getUnit().isEmpty() ? "requests" : Quoted.line(rule.getUnit());
  }

  private static String algorithm(RuleStatus rule) {
    return rule.getAlgorithm().name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Rounded up, so that waiting that long is long enough: 20ms, 1.5s, 2m 3s, 4d 1h. */
  static String show(Duration duration) {
    long millis = duration.getSeconds() * 1_000 + ceilDiv(duration.getNanos(), 1_000_000);
    if (millis < 1_000) {
      return millis + "ms";
    }
    if (millis < 60_000) {
      String fraction = "%03d".formatted(millis % 1_000).replaceAll("0+$", "");
      return millis / 1_000 + (fraction.isEmpty() ? "" : "." + fraction) + "s";
    }
    long seconds = ceilDiv(millis, 1_000L);
    if (seconds < 3_600) {
      return seconds / 60 + "m" + rest(seconds % 60, "s");
    }
    long minutes = ceilDiv(seconds, 60L);
    if (minutes < 1_440) {
      return minutes / 60 + "h" + rest(minutes % 60, "m");
    }
    long hours = ceilDiv(minutes, 60L);
    return hours / 24 + "d" + rest(hours % 24, "h");
  }

  private static String rest(long amount, String unit) {
    return amount == 0 ? "" : " " + amount + unit;
  }

  private static long ceilDiv(long amount, long unit) {
    return (amount + unit - 1) / unit;
  }
}
