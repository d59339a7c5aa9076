package io.limiter.server.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.Algorithm;
import io.limiter.algorithm.ConcurrencyLimit;
import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.LeakyBucket;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.SlidingCounter;
import io.limiter.algorithm.SlidingLog;
import io.limiter.algorithm.TokenBucket;
import io.limiter.algorithm.Window;
import io.limiter.ledger.FailureMode;
import io.limiter.server.key.Keying;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LimitSyntaxTest {
  private static final long SECOND = 1_000_000;

  @Test
  void aLimit_isShownInTheWordsOfRulesFiles() {
    assertEquals("token-bucket 100/s, burst 200", text(TokenBucket.of(100, SECOND, 200)));
    assertEquals("token-bucket 5/10s, burst 5", text(TokenBucket.of(5, 10 * SECOND, 5)));
    assertEquals("token-bucket 1/11m, burst 1", text(TokenBucket.of(1, 660 * SECOND, 1)));
    assertEquals("leaky-bucket 10/ms, capacity 9", text(LeakyBucket.of(10, 1_000, 9)));
    assertEquals("sliding-log 5 per 1m", text(new SlidingLog(5, 60 * SECOND)));
    assertEquals("sliding-counter 7 per 90m", text(new SlidingCounter(7, 5_400 * SECOND)));
    assertEquals("fixed-window 0 per 1d", text(FixedWindow.per(86_400 * SECOND, 0)));
    assertEquals("concurrency 5 at once, hold 30s", text(new ConcurrencyLimit(5, 30 * SECOND)));
    Window month = new Window.Calendar(Window.Calendar.Unit.MONTH, ZoneId.of("Europe/Berlin"));
    assertEquals("fixed-window 3 per month in Europe/Berlin", text(new FixedWindow(3, month)));
  }

  private static String text(Limit limit) {
    return text(limit, new Tariff(""));
  }

  private static String text(Limit limit, Tariff tariff) {
    return LimitSyntax.text(
        new Rule(
            "r",
            List.of(),
            limit,
            Rule.Mode.ENFORCE,
            tariff,
            Keying.PLAIN,
            new Rule.Sharing(FailureMode.LOCAL, null, 0, /* learns= */ false)));
  }

  @Test
  void theLimitOfAWeightedSum_isShownInWholeUnits() {
    Tariff tariff = new Tariff("micro_usd", Map.of("tokens", 300_000L));
    assertEquals(
        "token-bucket 100/s, burst 200",
        text(TokenBucket.of(100_000_000, SECOND, 200_000_000), tariff));
    assertEquals(
        "leaky-bucket 10/m, capacity 9",
        text(LeakyBucket.of(10_000_000, 60 * SECOND, 9_000_000), tariff));
    assertEquals("sliding-log 5 per 1m", text(new SlidingLog(5_000_000, 60 * SECOND), tariff));
    assertEquals(
        "sliding-counter 7 per 1m", text(new SlidingCounter(7_000_000, 60 * SECOND), tariff));
    assertEquals(
        "fixed-window 2 per 1d", text(FixedWindow.per(86_400 * SECOND, 2_999_999), tariff));
  }

  /** Every number that a file can give, as a sound limit of any algorithm would have it. */
  private static final class Sample implements LimitSyntax.Numbers {
    @Override
    public long count(LimitField field) {
      return 5;
    }

    @Override
    public long countOr(LimitField field, long otherwise) {
      return otherwise;
    }

    @Override
    public Rate rate() {
      return new Rate(5, SECOND);
    }

    @Override
    public Window window() {
      return new Window.Span(windowMicros());
    }

    @Override
    public long windowMicros() {
      return SECOND;
    }

    @Override
    public long holdMicros() {
      return SECOND;
    }
  }

  @ParameterizedTest
  @EnumSource(Algorithm.class)
  void aSyntax_makesLimitsOfTheAlgorithmThatItIsFor(Algorithm algorithm) {
    LimitSyntax syntax = LimitSyntax.of(algorithm);
    assertEquals(algorithm, syntax.limit(new Sample()).algorithm());
    assertTrue(syntax.fields().containsAll(syntax.required()));
    syntax
        .leaseRefusal()
        .ifPresent(refusal -> assertTrue(refusal.contains(algorithm.label()), refusal));
  }
}
