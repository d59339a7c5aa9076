package io.limiter.jmh.load;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class RatiosTest {

  @Test
  void median_isTheMiddle_orTheMeanOfBoth() {
    assertEquals(2, new Ratios(List.of(9.0, 1.0, 2.0)).median());
    assertEquals(3, new Ratios(List.of(9.0, 1.0, 2.0, 4.0)).median());
    assertEquals(1, new Ratios(List.of(9.0, 1.0, 2.0)).min());
    assertEquals(9, new Ratios(List.of(9.0, 1.0, 2.0)).max());
  }
}
