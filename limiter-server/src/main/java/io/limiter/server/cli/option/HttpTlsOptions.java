package io.limiter.server.cli.option;

import io.limiter.server.certificate.ServerTls;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** TLS of the HTTP port. */
@Command
public final class HttpTlsOptions {
  @Option(
      names = "--http-tls-cert",
      paramLabel = "FILE",
      converter = OptionTypes.File.class,
      description = "PEM file of the HTTP port's certificate, for TLS. Default: none, in clear.")
  private @Nullable Path certificate;

  @Option(
      names = "--http-tls-key",
      paramLabel = "FILE",
      converter = OptionTypes.File.class,
      description = "PEM file of that certificate's key.")
  private @Nullable Path key;

  @Option(
      names = "--http-tls-client-ca",
      paramLabel = "FILE",
      converter = OptionTypes.File.class,
      description = "PEM file of the CA whose certificates callers of HTTP must show.")
  private @Nullable Path clientCa;

  @Option(
      names = "--http-tls-client-auth",
      paramLabel = "required|optional",
      converter = TlsFiles.AskedType.class,
      description = "Whether they may show none. Default: required.")
  private TlsFiles.@Nullable Asked clientAuth;

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  /**
   * What was chosen; empty for a port in clear.
   *
   * @throws picocli.CommandLine.ParameterException when an option is missing beside another, or a
   *     file cannot be used
   */
  public Optional<ServerTls> settings() {
    return new TlsFiles("HTTP", command).settings(certificate, key, clientCa, clientAuth);
  }
}
