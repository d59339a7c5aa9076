package io.limiter.server.cli.option;

import io.limiter.server.access.file.AccessFiles;
import io.limiter.server.audit.AuditTarget;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Who may ask what. */
@Command
public final class AccessOptions {
  private static final String ACCESS = "--access";
  private static final String SECRETS = "--secrets";

  @Option(
      names = ACCESS,
      paramLabel = "FILE",
      converter = OptionTypes.File.class,
      description = "YAML file of callers and what each may do. Default: anybody may do anything.")
  private @Nullable Path access;

  @Option(
      names = SECRETS,
      paramLabel = "FILE",
      converter = OptionTypes.File.class,
      description =
          "File of secrets that all instances share: for --access, and for values of rules with hash.")
  private @Nullable Path secrets;

  @Option(
      names = "--audit-log",
      paramLabel = "FILE|-",
      converter = OptionTypes.File.class,
      description =
          "File, or - for standard output, that who changed what is written to. Default: none.")
  private @Nullable Path audit;

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  /**
   * What was chosen; empty if anybody may do anything, and there are no secrets.
   *
   * @throws ParameterException when there are no secrets for a file of access, or a file cannot be
   *     used
   */
  public Optional<AccessFiles> settings() {
    Path callers = access;
    Path shared = secrets;
    if (shared == null) {
      if (callers == null) {
        return Optional.empty();
      }
      throw refusal(
          SECRETS
              + ": it is missing; what one instance hands to a caller is shown to another,"
              + " so name a file that all share, as made by: openssl rand -base64 32");
    }
    AccessFiles files = new AccessFiles(callers, shared);
    try {
      files.checkAccess();
    } catch (IOException e) {
      throw refusal((callers == null ? SECRETS : ACCESS) + ": " + e.getMessage());
    }
    try {
      files.checkSecrets();
    } catch (IOException e) {
      throw refusal(SECRETS + ": " + e.getMessage());
    }
    return Optional.of(files);
  }

  /** Where it is written who changed what; empty for nowhere. */
  public Optional<AuditTarget> auditLog() {
    return Optional.ofNullable(audit).map(AuditTarget::of);
  }

  private ParameterException refusal(String message) {
    CommandSpec spec =
        Objects.requireNonNull(command, "a command is run by picocli, which sets this");
    return new ParameterException(spec.commandLine(), message);
  }
}
