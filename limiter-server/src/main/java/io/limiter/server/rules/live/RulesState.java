package io.limiter.server.rules.live;

import io.limiter.server.rules.Problem;
import io.limiter.server.rules.RuleTable;
import java.time.Instant;
import java.util.List;

/**
 * What is in force, and what became of the last attempt to change it.
 *
 * @param table the rules in force
 * @param hash of the files that the table was last made from; domains that a bad file keeps are
 *     from earlier ones
 * @param loadedAt when the table was last changed, by this host's clock
 * @param problems what is wrong with the files as they are; empty when all of them are in force
 * @param attemptedAt when files were last read
 */
public record RulesState(
    RuleTable table, String hash, Instant loadedAt, List<Problem> problems, Instant attemptedAt) {
  public RulesState {
    problems = List.copyOf(problems);
  }
}
