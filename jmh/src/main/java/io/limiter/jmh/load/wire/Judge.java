package io.limiter.jmh.load.wire;

import io.grpc.health.v1.HealthCheckResponse;
import io.limiter.envoy.service.RateLimitResponse;
import io.limiter.jmh.load.pace.Score;
import io.limiter.v1.CheckAndConsumeBatchResponse;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.Source;

/** Says of an answer whether something was decided: an answer that carries an error did not. */
interface Judge<A> {
  Judge<CheckAndConsumeResponse> DECISION = Judge::decision;

  Judge<CheckAndConsumeBatchResponse> DECISIONS =
      (answer, score) -> {
        for (int i = 0; i < answer.getResponsesCount(); i++) {
          decision(answer.getResponses(i), score);
        }
      };

  Judge<RateLimitResponse> ENVOY =
      (answer, score) -> {
        switch (answer.getOverallCode()) {
          case OK -> score.decided(true);
          case OVER_LIMIT -> score.decided(false);
          default -> score.failed(1, "overall_code " + answer.getOverallCode());
        }
      };

  Judge<HealthCheckResponse> HEALTH =
      (answer, score) -> {
        if (answer.getStatus() == HealthCheckResponse.ServingStatus.SERVING) {
          score.decided(true);
        } else {
          score.failed(1, "health " + answer.getStatus());
        }
      };

  void judge(A answer, Score score);

  private static void decision(CheckAndConsumeResponse answer, Score score) {
    if (answer.hasError()) {
      score.failed(1, answer.getError().getMessage());
    } else if (counted(answer.getSource())) {
      score.decided(answer.getAllowed());
    } else {
      score.failed(1, "answered by " + answer.getSource());
    }
  }

  /** Whether counters decided. Where nothing applies, or Redis is away, there is no decision. */
  private static boolean counted(Source source) {
    return source == Source.REDIS || source == Source.DENY_CACHE || source == Source.LEASE;
  }
}
