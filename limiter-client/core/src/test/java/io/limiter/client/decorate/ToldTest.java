package io.limiter.client.decorate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.limiter.client.Algorithm;
import io.limiter.client.Decision;
import io.limiter.client.RuleStatus;
import io.limiter.client.Source;
import io.limiter.client.upstream.Observation;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The service is told what is news to it, and nothing else. */
final class ToldTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Observation LEFT_50 =
      Observation.remaining(50, SECOND.multipliedBy(20)).withLimit(100);

  private final Told told = new Told();

  private static Decision admission(long remaining, String... units) {
    List<RuleStatus> statuses =
        Arrays.stream(units)
            .map(
                unit ->
                    new RuleStatus(
                        "r",
                        Algorithm.FIXED_WINDOW,
                        unit,
                        false,
                        false,
                        new RuleStatus.Quota(1_000, remaining, SECOND, SECOND),
                        new RuleStatus.Admits()))
            .toList();
    return new Decision.Admitted(Source.REDIS, statuses, Duration.ZERO, Optional.empty());
  }

  private int news(Observation one, Decision admission, double second) {
    return told.news(List.of(one), admission, (long) (second * 1e9)).size();
  }

  private static Observation left(long remaining, double resetSeconds) {
    return Observation.remaining(remaining, Duration.ofMillis((long) (1_000 * resetSeconds)))
        .withLimit(100);
  }

  @Test
  void theFirst_isTold_andWhatTheCounterKnowsIsNot() {
    assertEquals(1, news(LEFT_50, admission(999, ""), 0));
    assertEquals(0, news(left(49, 19.9), admission(49, ""), 0.1));
    assertEquals(0, news(left(60, 19.8), admission(48, ""), 0.2));
  }

  @Test
  void less_isTold_butNotTooOften() {
    assertEquals(1, news(LEFT_50, admission(999, ""), 0));
    assertEquals(0, news(left(40, 20), admission(49, ""), 0.024));
    assertEquals(1, news(left(40, 20), admission(49, ""), 0.025));
    assertEquals(1, news(left(0, 20), admission(39, ""), 0.026));
    assertEquals(0, news(left(0, 20), admission(0, ""), 0.9));
  }

  @Test
  void anotherWindow_orLimit_orALongTime_isTold() {
    assertEquals(1, news(LEFT_50, admission(999, ""), 0));
    assertEquals(0, news(left(50, 21), admission(0, ""), 0));
    assertEquals(1, news(left(50, 21.1), admission(0, ""), 0));
    assertEquals(1, news(left(50, 21.1).withLimit(101), admission(0, ""), 0));
    assertEquals(0, news(left(50, 16.2).withLimit(101), admission(0, ""), 4.9));
    assertEquals(1, news(left(50, 16.1).withLimit(101), admission(0, ""), 5));
  }

  @Test
  void aBlock_isToldOnce_andALongerOneAgain() {
    Observation block = Observation.blocked(SECOND);
    assertEquals(1, news(block, admission(0, ""), 0));
    assertEquals(0, news(block, admission(0, ""), 0.04));
    assertEquals(1, news(block, admission(0, ""), 0.06));
    assertEquals(1, news(LEFT_50, admission(999, ""), 6));
    assertEquals(1, news(block, admission(0, ""), 6));
    told.forget(block);
    assertEquals(1, news(block, admission(0, ""), 6));
  }

  @Test
  void theEndOfAWindow_isToldALittleLate() {
    assertEquals(List.of(left(50, 20.05)), told.news(List.of(LEFT_50), admission(999, ""), 0));
    Observation longest = Observation.remaining(1, Observation.LONGEST).withUnit("x");
    assertEquals(List.of(longest), told.news(List.of(longest), admission(0), 0));
  }

  @Test
  void aUnitThatNoRuleCounts_isNotTold_butABlockIsToldOfThoseThatAre() {
    assertEquals(0, news(LEFT_50.withUnit("tokens"), admission(999, ""), 0));
    assertEquals(1, news(LEFT_50.withUnit("tokens"), admission(999, "", "tokens"), 0));
    assertEquals(
        List.of("tokens"),
        told
            .news(
                List.of(LEFT_50.withBlock(SECOND)),
                admission(9, "tokens"),
                Duration.ofMillis(30).toNanos())
            .stream()
            .map(Observation::unit)
            .toList());
    // Nobody answered, so it is not known what is counted.
    assertEquals(1, news(LEFT_50.withUnit("other"), admission(0), 0));
  }
}
