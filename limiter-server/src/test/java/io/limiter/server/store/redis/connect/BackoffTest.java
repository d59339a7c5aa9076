package io.limiter.server.store.redis.connect;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** How long to wait before the next attempt to connect. */
class BackoffTest {
  private static final List<Long> ROW =
      List.of(20L, 40L, 80L, 160L, 320L, 640L, 1_000L, 1_000L, 1_000L);

  private long nowNanos = Long.MAX_VALUE - 3;
  private double random;
  private final Backoff backoff = new Backoff(() -> nowNanos, () -> random);

  /** After each pause something happens, or takes its time. */
  private List<Long> pauses(Runnable then) {
    return IntStream.range(0, ROW.size())
        .mapToObj(
            i -> {
              then.run();
              long pause = backoff.pauseMillis();
              nowNanos += pause * 1_000_000;
              return pause;
            })
        .toList();
  }

  @Test
  void aFailureInARow_waitsTwiceAsLong_upToASecond() {
    assertEquals(ROW, pauses(() -> {}));
  }

  @Test
  void aConnectionThatDiesYoung_isAFailureOfTheRow() {
    assertEquals(
        ROW,
        pauses(
            () -> {
              backoff.connected();
              nowNanos += Backoff.YOUNG_NANOS - 1;
            }));
  }

  @Test
  void aConnectionThatLived_isReplacedAtOnce_andEndsTheRow() {
    pauses(() -> {});
    backoff.connected();
    nowNanos += Backoff.YOUNG_NANOS;
    assertEquals(0, backoff.pauseMillis());
    assertEquals(20, backoff.pauseMillis(), "the next attempt fails");
    nowNanos += 20_000_000;
    assertEquals(40, backoff.pauseMillis());
  }

  /** One that hangs for half a second is followed by the next at once, while pauses are shorter. */
  @Test
  void whatAnAttemptTook_isPartOfThePause() {
    assertEquals(
        List.of(0L, 0L, 0L, 0L, 0L, 140L, 500L, 500L, 500L), pauses(() -> nowNanos += 500_000_000));
  }

  @Test
  void aPause_isShorterByUpToHalf_atRandom() {
    random = 0.999_999;
    assertEquals(List.of(11L, 21L, 41L, 81L, 161L, 321L, 501L, 501L, 501L), pauses(() -> {}));
  }
}
