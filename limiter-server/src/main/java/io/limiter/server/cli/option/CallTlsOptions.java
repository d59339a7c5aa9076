package io.limiter.server.cli.option;

import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import io.grpc.TlsChannelCredentials;
import io.limiter.server.certificate.PemIdentity;
import io.limiter.server.certificate.TrustedPem;
import io.limiter.server.certificate.UnusablePemException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** TLS of calls to a service's gRPC port. The names are those of curl and grpcurl. */
@Command
public final class CallTlsOptions {
  private static final String CA = "--cacert";
  private static final String CERTIFICATE = "--cert";
  private static final String KEY = "--key";

  @Option(
      names = "--tls",
      paramLabel = "true|false",
      arity = "0..1",
      fallbackValue = "true",
      converter = OptionTypes.Switch.class,
      description = "Ask over TLS, trusting what Java trusts. Default: false.")
  private boolean tls;

  @Option(
      names = CA,
      paramLabel = "FILE",
      converter = OptionTypes.File.class,
      description = "Ask over TLS, trusting the CA in this PEM file. Default: none.")
  private @Nullable Path ca;

  @Option(
      names = CERTIFICATE,
      paramLabel = "FILE",
      converter = OptionTypes.File.class,
      description = "Ask over TLS, showing the certificate in this PEM file. Default: none.")
  private @Nullable Path certificate;

  @Option(
      names = KEY,
      paramLabel = "FILE",
      converter = OptionTypes.File.class,
      description = "PEM file of that certificate's key.")
  private @Nullable Path key;

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  /**
   * How calls are to be secured.
   *
   * @throws ParameterException when an option is missing beside another, or a file cannot be used
   */
  public ChannelCredentials credentials() {
    Path shown = certificate;
    Path its = key;
    Path trusted = ca;
    if ((shown == null) != (its == null)) {
      throw refusal(
          (shown == null ? CERTIFICATE : KEY)
              + ": it is missing; a certificate and its key go together");
    }
    if (!tls && trusted == null && shown == null) {
      return InsecureChannelCredentials.create();
    }
    TlsChannelCredentials.Builder credentials = TlsChannelCredentials.newBuilder();
    try {
      if (trusted != null) {
        credentials.trustManager(TrustedPem.managers(trusted, "the service"));
      }
      if (shown != null && its != null) {
        PemIdentity identity = PemIdentity.read(shown, its, "the service");
        credentials.keyManager(
            new ByteArrayInputStream(identity.chainPem()),
            new ByteArrayInputStream(identity.keyPem()));
      }
      return credentials.build();
    } catch (UnusablePemException e) {
      String which = e.file().equals(its) ? KEY : e.file().equals(shown) ? CERTIFICATE : CA;
      throw refusal(which + ": " + e.getMessage());
    } catch (IOException e) {
      throw refusal(CERTIFICATE + ": " + e.getMessage());
    }
  }

  private ParameterException refusal(String message) {
    CommandSpec spec =
        Objects.requireNonNull(command, "a command is run by picocli, which sets this");
    return new ParameterException(spec.commandLine(), message);
  }
}
