package io.limiter.server.rules.file;

import io.limiter.server.rules.yaml.Problem;
import io.limiter.server.rules.yaml.Problems;
import java.util.Optional;

/**
 * A file that was found.
 *
 * @param sha256 of its contents, if they could be read
 * @param plain whether it is for rules by its name
 * @param notEnvoys why it is no configuration of Envoy's service; empty if it is one
 * @param says the domain that it seems to be for, if it cannot be parsed
 * @param bytes how many of it were read
 */
record FoundFile(
    DomainFile file,
    Optional<String> sha256,
    boolean plain,
    Optional<String> notEnvoys,
    Optional<String> says,
    long bytes) {
  String name() {
    return file.problems().file();
  }

  /** Whether all that is in it is used. */
  boolean isGood() {
    return file.problems().count() == 0;
  }

  static FoundFile unreadable(
      Problems problems, Optional<String> sha256, boolean plain, long bytes) {
    return new FoundFile(
        DomainFile.unreadable(problems),
        sha256,
        plain,
        problems.list().stream().findFirst().map(Problem::message),
        Optional.empty(),
        bytes);
  }
}
