package io.limiter.server.cli.text;

import com.google.protobuf.Duration;
import io.limiter.server.rules.Quoted;
import io.limiter.v1.Algorithm;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.RuleStatus;
import io.limiter.v1.Source;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** A response as text for people: the result, then a line for each rule. */
public final class AnswerText {
  private static final String CANDIDATE = "(candidate)";

  private AnswerText() {}

  /** What was decided. */
  public static String of(CheckAndConsumeResponse answer) {
    return result(answer) + rules(answer.getStatusesList(), AnswerText::outcome) + receipt(answer);
  }

  /** What a look showed: nothing was charged, so it says what a request would be told. */
  public static String of(Look look) {
    return result(look) + rules(look.answer().getStatusesList(), rule -> outcome(look, rule));
  }

  /** A line for each rule: where its counter stands. */
  static String standing(List<RuleStatus> statuses) {
    return rules(statuses, AnswerText::left);
  }

  private static String rules(List<RuleStatus> rules, Function<RuleStatus, String> outcome) {
    int widest = rules.stream().mapToInt(rule -> name(rule).length()).max().orElse(0);
    StringBuilder text = new StringBuilder();
    for (RuleStatus rule : rules) {
      String name = name(rule);
      text.append(System.lineSeparator()).append("  ").append(name);
      text.append(" ".repeat(widest - name.length() + 2)).append(outcome.apply(rule));
    }
    return text.toString();
  }

  /** A candidate stands behind its rule, whose name need not be said again. */
  private static String name(RuleStatus rule) {
    return rule.getCandidate() ? CANDIDATE : Quoted.line(rule.getRule());
  }

  private static String receipt(CheckAndConsumeResponse answer) {
    return answer.getReceipt().isEmpty()
        ? ""
        : System.lineSeparator()
            + "receipt "
            + HexFormat.of().formatHex(answer.getReceipt().toByteArray());
  }

  private static String result(CheckAndConsumeResponse answer) {
    if (answer.getSource() == Source.NO_RULE) {
      return "admitted: no rule applies";
    }
    if (answer.getAllowed()) {
      return "admitted "
          + by(answer.getSource())
          + (answer.hasDelay() ? "; wait " + show(answer.getDelay()) + " before going ahead" : "");
    }
    return "denied "
        + by(answer.getSource())
        + (answer.hasRetryAfter()
            ? "; retry after " + show(answer.getRetryAfter())
            : "; retrying does not help");
  }

  private static String by(Source source) {
    return switch (source) {
      case DENY_CACHE -> "by a cached denial";
      case LEASE -> "by a lease";
      case LOCAL_FALLBACK -> "by the instance alone, without redis";
      case FAIL_OPEN, FAIL_CLOSED -> "unchecked, without redis";
      default -> "by " + source.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    };
  }

  private static String outcome(RuleStatus rule) {
    StringBuilder text = new StringBuilder();
    if (rule.getShadow()) {
      text.append(rule.getAllowed() ? "would admit" : "would deny");
      text.append(rule.getCandidate() ? "" : " (shadow, denies nothing)");
    } else {
      text.append(rule.getAllowed() ? "admits" : "denies");
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

  private static String result(Look look) {
    CheckAndConsumeResponse answer = look.answer();
    String would = look.admits() ? " would be admitted" : " would be denied";
    String now = look.fitsEver() ? " now" : ", whenever it comes";
    String why = answer.getSource() == Source.NO_RULE ? ": no rule applies" : "";
    return look.request() + would + (look.admits() ? "" : now) + why;
  }

  private static String outcome(Look look, RuleStatus rule) {
    String shadow = rule.getShadow() && !rule.getCandidate() ? " (shadow, denies nothing)" : "";
    String never = look.fitsEver(rule) ? "" : ", the cost never fits";
    return (look.fits(rule) ? "would admit" : "would deny")
        + shadow
        + ", "
        + quota(rule)
        + never
        + reset(rule);
  }

  /** The state of a counter: {@code 2 of 3 requests left, full again in 20s}. */
  static String left(RuleStatus rule) {
    return quota(rule) + reset(rule);
  }

  private static String quota(RuleStatus rule) {
    String unit = rule.getUnit().isEmpty() ? "requests" : rule.getUnit();
    String left =
        rule.getAlgorithm() == Algorithm.LEAKY_BUCKET
            ? "room for %d of %d %s".formatted(rule.getRemaining(), rule.getLimit(), unit)
            : "%d of %d %s left".formatted(rule.getRemaining(), rule.getLimit(), unit);
    return left
        + (rule.getHeld() > 0 ? ", %d held".formatted(rule.getHeld()) : "")
        + (rule.getEstimated() > 0
            ? ", a guess of %d estimated at %d".formatted(rule.getGuessed(), rule.getEstimated())
            : "")
        + (rule.getOwed() > 0 ? ", %d owed".formatted(rule.getOwed()) : "");
  }

  private static String reset(RuleStatus rule) {
    if (rule.getResetAfter().equals(Duration.getDefaultInstance())) {
      return ""; // It is unused, which the quota has said.
    }
    String what =
        switch (rule.getAlgorithm()) {
          case FIXED_WINDOW -> "window resets";
          case SLIDING_LOG, SLIDING_COUNTER -> "all free again";
          case TOKEN_BUCKET -> "full again";
          case LEAKY_BUCKET -> "queue empty";
          case CONCURRENCY_LIMIT -> "all given back";
          default -> "unused again";
        };
    return ", " + what + " in " + show(rule.getResetAfter());
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
