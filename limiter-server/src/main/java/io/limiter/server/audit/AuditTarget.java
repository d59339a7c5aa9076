package io.limiter.server.audit;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Where the audit log goes. Immutable.
 *
 * @param file that lines are added to; empty for standard output
 */
public record AuditTarget(Optional<Path> file) {
  /** What stands for standard output. */
  public static final String STANDARD_OUTPUT = "-";

  /** As an option names it. */
  public static AuditTarget of(Path named) {
    return new AuditTarget(
        named.toString().equals(STANDARD_OUTPUT) ? Optional.empty() : Optional.of(named));
  }
}
