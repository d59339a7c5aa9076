package io.limiter.server.cli.option;

import io.limiter.server.certificate.ServerTls;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** TLS of the gRPC port. */
@Command
public final class GrpcTlsOptions {
  @Option(
      names = "--grpc-tls-cert",
      paramLabel = "FILE",
      converter = OptionTypes.File.class,
      description = "PEM file of the gRPC port's certificate, for TLS. Default: none, in clear.")
  private @Nullable Path certificate;

  @Option(
      names = "--grpc-tls-key",
      paramLabel = "FILE",
      converter = OptionTypes.File.class,
      description = "PEM file of that certificate's key.")
  private @Nullable Path key;

  @Option(
      names = "--grpc-tls-client-ca",
      paramLabel = "FILE",
      converter = OptionTypes.File.class,
      description = "PEM file of the CA whose certificates callers of gRPC must show.")
  private @Nullable Path clientCa;

  @Option(
      names = "--grpc-tls-client-auth",
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
    return new TlsFiles("gRPC", command).settings(certificate, key, clientCa, clientAuth);
  }
}
