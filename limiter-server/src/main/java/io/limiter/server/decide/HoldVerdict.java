package io.limiter.server.decide;

import io.limiter.ledger.Ending;
import java.util.List;

/**
 * What became of a question's holds.
 *
 * @param state how they stood
 * @param extended whether they were renewed
 * @param statuses one for each rule that holds
 */
public record HoldVerdict(Ending.State state, boolean extended, List<Verdict.Status> statuses) {
  public HoldVerdict {
    statuses = List.copyOf(statuses);
  }
}
