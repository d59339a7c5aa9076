package io.limiter.server.cli.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.Duration;
import io.limiter.v1.Algorithm;
import io.limiter.v1.RuleStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnswerTextTest {
  @Test
  void times_areRoundedUp() {
    assertEquals("1ms", AnswerText.show(Duration.newBuilder().setNanos(1_000).build()));
    assertEquals("1s", AnswerText.show(millis(1_000)));
    assertEquals("59.999s", AnswerText.show(millis(59_999)));
    assertEquals("1m", AnswerText.show(millis(60_000)));
    assertEquals("1h 1m", AnswerText.show(millis(3_600_001)));
    assertEquals("30d 1h", AnswerText.show(millis(30L * 86_400_000 + 1)));
  }

  @ParameterizedTest
  @CsvSource({
    "FIXED_WINDOW, window resets",
    "SLIDING_LOG, all free again",
    "SLIDING_COUNTER, all free again",
    "TOKEN_BUCKET, full again"
  })
  void aCounter_isSaidToEndAsItsAlgorithmDoes(Algorithm algorithm, String words) {
    RuleStatus.Builder rule =
        RuleStatus.newBuilder().setAlgorithm(algorithm).setLimit(3).setRemaining(2);
    assertEquals(
        "2 of 3 requests left, " + words + " in 20s",
        AnswerText.left(rule.setResetAfter(millis(20_000)).build()));
    assertEquals("2 of 3 requests left", AnswerText.left(rule.setResetAfter(millis(0)).build()));
  }

  @Test
  void anEstimate_isToldBesideTheGuess() {
    RuleStatus.Builder rule =
        RuleStatus.newBuilder().setUnit("tokens").setLimit(9_000).setRemaining(8_570);
    assertEquals(
        "8570 of 9000 tokens left, 430 held, a guess of 4000 estimated at 430",
        AnswerText.left(rule.setHeld(430).setGuessed(4_000).setEstimated(430).build()));
  }

  private static Duration millis(long millis) {
    return Duration.newBuilder()
        .setSeconds(millis / 1_000)
        .setNanos((int) (millis % 1_000) * 1_000_000)
        .build();
  }
}
