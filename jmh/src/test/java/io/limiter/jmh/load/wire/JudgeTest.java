package io.limiter.jmh.load.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.grpc.health.v1.HealthCheckResponse;
import io.limiter.envoy.service.RateLimitResponse;
import io.limiter.jmh.load.pace.Score;
import io.limiter.v1.CheckAndConsumeBatchResponse;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.DecisionError;
import io.limiter.v1.Source;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class JudgeTest {
  private final Score score = new Score();

  @Test
  void anAnswerWithAnError_isAnError_whateverElseItSays() {
    Judge.DECISION.judge(
        answer(Source.REDIS).setError(DecisionError.newBuilder().setMessage("no")).build(), score);

    assertScore(0, 0, 1);
    assertEquals("no", score.why());
  }

  @ParameterizedTest
  @EnumSource(names = {"REDIS", "DENY_CACHE", "LEASE"})
  void whatCountersDecided_isADecision(Source source) {
    Judge.DECISION.judge(answer(source).build(), score);

    assertScore(1, 0, 0);
  }

  @ParameterizedTest
  @EnumSource(names = {"NO_RULE", "UNKNOWN_DOMAIN", "FAIL_OPEN", "FAIL_CLOSED", "LOCAL_FALLBACK"})
  void whatNoCounterDecided_isAnError(Source source) {
    Judge.DECISION.judge(answer(source).build(), score);

    assertScore(0, 0, 1);
  }

  @Test
  void eachAnswerOfABatch_isJudgedAlone() {
    Judge.DECISIONS.judge(
        CheckAndConsumeBatchResponse.newBuilder()
            .addResponses(answer(Source.REDIS))
            .addResponses(answer(Source.REDIS).setAllowed(false))
            .addResponses(answer(Source.REDIS).setError(DecisionError.getDefaultInstance()))
            .build(),
        score);

    assertScore(1, 1, 1);
  }

  @Test
  void envoy_andHealth_decideByTheirCode() {
    Judge.ENVOY.judge(envoy(RateLimitResponse.Code.OK), score);
    Judge.ENVOY.judge(envoy(RateLimitResponse.Code.OVER_LIMIT), score);
    Judge.ENVOY.judge(envoy(RateLimitResponse.Code.UNKNOWN), score);
    Judge.HEALTH.judge(
        HealthCheckResponse.newBuilder()
            .setStatus(HealthCheckResponse.ServingStatus.NOT_SERVING)
            .build(),
        score);

    assertScore(1, 1, 2);
  }

  private static CheckAndConsumeResponse.Builder answer(Source source) {
    return CheckAndConsumeResponse.newBuilder().setAllowed(true).setSource(source);
  }

  private static RateLimitResponse envoy(RateLimitResponse.Code code) {
    return RateLimitResponse.newBuilder().setOverallCode(code).build();
  }

  private void assertScore(int admitted, int denied, int failed) {
    assertEquals(admitted, score.admitted());
    assertEquals(denied, score.denied());
    assertEquals(failed, score.failed());
  }
}
