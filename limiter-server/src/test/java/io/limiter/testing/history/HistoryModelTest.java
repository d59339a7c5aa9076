package io.limiter.testing.history;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.Algorithm;
import io.limiter.testing.history.ModelRun.Bug;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Histories at random, of limiters that are right and of such that are not. A bug need not show in
 * each history in which it changed something: the counter may have been as new soon after.
 */
class HistoryModelTest {
  private static final List<Algorithm> ALGORITHMS =
      List.of(
          Algorithm.FIXED_WINDOW,
          Algorithm.SLIDING_LOG,
          Algorithm.TOKEN_BUCKET,
          Algorithm.LEAKY_BUCKET);
  private static final int RUNS = 150;

  @ParameterizedTest
  @EnumSource
  void aRightHistory_isExplained_andABugIsNot(Bug bug) {
    for (Algorithm algorithm : ALGORITHMS) {
      Random seeds = new Random(20_261_127L * 31 + algorithm.letter());
      int struck = 0;
      int found = 0;
      for (int i = 0; i < RUNS; i++) {
        long seed = seeds.nextLong();
        ModelRun run = new ModelRun(algorithm, bug, seed);
        Verdict verdict = HistoryCheck.check(run.history());
        if (bug == Bug.NONE || run.struck() == 0) {
          assertTrue(verdict.isExplained(), () -> "seed " + seed + ", " + run + ": " + verdict);
        } else {
          struck++;
          found += verdict.isExplained() ? 0 : 1;
        }
      }
      assertTrue(
          bug == Bug.NONE || (struck > RUNS / 10 && found > struck / 3),
          "%s, %s: %d of %d found".formatted(algorithm, bug, found, struck));
    }
  }
}
