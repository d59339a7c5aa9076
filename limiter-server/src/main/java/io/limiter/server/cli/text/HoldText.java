package io.limiter.server.cli.text;

import io.limiter.v1.ExtendResponse;
import io.limiter.v1.HoldEnd;
import io.limiter.v1.SettleResponse;

/** What became of a hold, as text for people. */
public final class HoldText {
  private static final String BEFORE = "it was settled or released before";
  private static final String UNKNOWN =
      "the hold is not known: it ended more than a minute ago, or its counter was reset";

  private HoldText() {}

  /** Of a settlement, with a line for each rule that held. */
  public static String settled(SettleResponse answer) {
    String what =
        switch (answer.getEnd()) {
          case ENDED -> "settled";
          case EXPIRED -> "settled late: the hold had ended by itself, what was used is charged";
          case ENDED_BEFORE -> "not settled: " + BEFORE;
          case UNKNOWN_HOLD, HOLD_END_UNSPECIFIED, UNRECOGNIZED -> "not settled: " + UNKNOWN;
        };
    return what + AnswerText.standing(answer.getStatusesList());
  }

  /** Of a release. */
  public static String released(HoldEnd end) {
    return switch (end) {
      case ENDED -> "released";
      case EXPIRED -> "not released: the hold had ended by itself";
      case ENDED_BEFORE -> "not released: " + BEFORE;
      case UNKNOWN_HOLD, HOLD_END_UNSPECIFIED, UNRECOGNIZED -> "not released: " + UNKNOWN;
    };
  }

  /** Of a renewal, with a line for each rule that holds. */
  public static String extended(ExtendResponse answer) {
    String what =
        answer.getExtended()
            ? "renewed"
            : switch (answer.getEnd()) {
              case ENDED -> "not renewed: there is no room for so much more";
              case EXPIRED -> "not renewed: the hold had ended by itself";
              case ENDED_BEFORE -> "not renewed: " + BEFORE;
              case UNKNOWN_HOLD, HOLD_END_UNSPECIFIED, UNRECOGNIZED -> "not renewed: " + UNKNOWN;
            };
    return what + AnswerText.standing(answer.getStatusesList());
  }
}
