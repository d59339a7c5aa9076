package io.limiter.client.testing;

import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.DenialKind;
import io.limiter.v1.ObserveRequest;
import io.limiter.v1.RuleStatus;
import java.time.Duration;
import java.util.Map;

/** A limit of the fake. Times are the test's. */
interface Counted {
  String rule();

  /** Of what kind its denials are, unless the cost is more than it could ever admit. */
  DenialKind kind();

  /** Whether it counts what has these attributes: they are all of its own. */
  boolean appliesTo(Map<String, String> given);

  /**
   * What it says to a question.
   *
   * @param charged whether it is charged, if it admits
   */
  RuleStatus ask(CheckAndConsumeRequest request, Duration now, boolean charged);

  /** Holds to what an upstream said, if it can. */
  void observe(ObserveRequest told, Duration now);

  /**
   * Charges what was charged once once more, or less of it.
   *
   * @param then when it was charged
   * @param more negative gives back
   */
  void correct(Map<String, String> given, Duration then, Duration now, long more);
}
