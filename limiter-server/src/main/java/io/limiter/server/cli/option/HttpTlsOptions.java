package io.limiter.server.cli.option;

import io.limiter.server.certificate.UnusablePemException;
import io.limiter.server.http.HttpTls;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** TLS of the HTTP port. */
@Command
public final class HttpTlsOptions {
  private static final String CERTIFICATE = "--http-tls-cert";
  private static final String KEY = "--http-tls-key";
  private static final String CLIENT_CA = "--http-tls-client-ca";

  @Option(
      names = CERTIFICATE,
      paramLabel = "FILE",
      converter = OptionTypes.File.class,
      description = "PEM file of the HTTP port's certificate, for TLS. Default: none, in clear.")
  private @Nullable Path certificate;

  @Option(
      names = KEY,
      paramLabel = "FILE",
      converter = OptionTypes.File.class,
      description = "PEM file of that certificate's key.")
  private @Nullable Path key;

  @Option(
      names = CLIENT_CA,
      paramLabel = "FILE",
      converter = OptionTypes.File.class,
      description = "PEM file of the CA whose certificates callers of HTTP must show.")
  private @Nullable Path clientCa;

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  /**
   * What was chosen; empty for a port in clear.
   *
   * @throws ParameterException when an option is missing beside another, or a file cannot be used
   */
  public Optional<HttpTls> settings() {
    Path shown = certificate;
    Path its = key;
    Path trusted = clientCa;
    if (shown == null && its == null) {
      if (trusted != null) {
        throw refusal(CERTIFICATE + ": it is missing; callers show theirs over TLS only");
      }
      return Optional.empty();
    }
    if (shown == null || its == null) {
      throw refusal(
          (shown == null ? CERTIFICATE : KEY)
              + ": it is missing; a certificate and its key go together");
    }
    HttpTls tls = new HttpTls(shown, its, Optional.ofNullable(trusted));
    try {
      tls.check();
    } catch (UnusablePemException e) {
      throw refusal(option(e.file(), shown, its) + ": " + e.getMessage());
    }
    return Optional.of(tls);
  }

  private static String option(Path file, Path shown, Path its) {
    return file.equals(its) ? KEY : file.equals(shown) ? CERTIFICATE : CLIENT_CA;
  }

  private ParameterException refusal(String message) {
    CommandSpec spec =
        Objects.requireNonNull(command, "a command is run by picocli, which sets this");
    return new ParameterException(spec.commandLine(), message);
  }
}
