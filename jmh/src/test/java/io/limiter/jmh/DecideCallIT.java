package io.limiter.jmh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.limiter.algorithm.Bounds;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.TokenBucket;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** By a Redis of its own: the script's replies are read as the benchmarks read them. */
class DecideCallIT {
  private static final Limit THREE = TokenBucket.of(1, Bounds.MAX_WINDOW_MICROS, 3);

  private static BenchedRedis redis;

  @BeforeAll
  static void start() {
    redis = BenchedRedis.at("");
    DecideCall.hot(THREE, 1).load(redis.connection().sync());
  }

  @AfterAll
  static void stop() {
    redis.close();
  }

  @BeforeEach
  void empty() {
    redis.connection().sync().flushall();
  }

  @Test
  void eachQuestion_isCountedAsItWasDecided() {
    DecideCall first = DecideCall.of(THREE, 0, 2);
    DecideCall more = DecideCall.of(THREE, 1, 3);
    for (int i = 0; i < 3; i++) {
      assertEquals(2, first.admitted(send(first)));
    }

    // Of the counters 1 to 3, the first is used up.
    assertEquals(2, more.admitted(send(more)));
    assertEquals(0, first.admitted(send(first)));
  }

  @Test
  void aHotCounter_isCountedAsOftenAsItWasAdmitted() {
    DecideCall call = DecideCall.hot(THREE, 2);

    assertEquals(2, call.questions());
    assertEquals(2, call.admitted(send(call)));
    assertEquals(1, call.admitted(send(call)));
    assertEquals(0, call.admitted(send(call)));
  }

  @Test
  void aReplyToAnotherCall_isNoReply() {
    List<Object> reply = send(DecideCall.of(THREE, 0, 2));

    assertThrows(IllegalStateException.class, () -> DecideCall.of(THREE, 0, 1).admitted(reply));
    assertThrows(IllegalStateException.class, () -> DecideCall.of(THREE, 0, 3).admitted(reply));
  }

  private static List<Object> send(DecideCall call) {
    return call.send(redis.connection().async()).toCompletableFuture().join();
  }
}
