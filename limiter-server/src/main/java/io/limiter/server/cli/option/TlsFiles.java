package io.limiter.server.cli.option;

import io.limiter.server.certificate.ServerTls;
import io.limiter.server.certificate.UnusablePemException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/**
 * What the options of TLS of a port say together.
 *
 * @param port gRPC or HTTP
 * @param command whose options they are
 */
record TlsFiles(String port, @Nullable CommandSpec command) {
  /** How callers are asked for certificates. */
  enum Asked {
    REQUIRED,
    OPTIONAL
  }

  /** Reads how. */
  static final class AskedType implements ITypeConverter<Asked> {
    @Override
    public Asked convert(String text) {
      return switch (text) {
        case "required" -> Asked.REQUIRED;
        case "optional" -> Asked.OPTIONAL;
        default ->
            throw OptionTypes.bad(
                text, "a way to ask callers for certificates", "use required or optional");
      };
    }
  }

  /**
   * What was chosen; empty for a port in clear.
   *
   * @param asked null if that was not chosen
   * @throws ParameterException when an option is missing beside another, or a file cannot be used
   */
  Optional<ServerTls> settings(
      @Nullable Path certificate,
      @Nullable Path key,
      @Nullable Path clientCa,
      @Nullable Asked asked) {
    if (asked != null && clientCa == null) {
      throw refusal(
          option("client-ca") + ": it is missing; without it callers are asked for no certificate");
    }
    if (certificate == null && key == null) {
      if (clientCa != null) {
        throw refusal(option("cert") + ": it is missing; callers show theirs over TLS only");
      }
      return Optional.empty();
    }
    if (certificate == null || key == null) {
      throw refusal(
          option(certificate == null ? "cert" : "key")
              + ": it is missing; a certificate and its key go together");
    }
    ServerTls tls =
        new ServerTls(
            port, certificate, key, Optional.ofNullable(clientCa), asked == Asked.OPTIONAL);
    try {
      tls.check();
    } catch (UnusablePemException e) {
      String which =
          e.file().equals(key) ? "key" : e.file().equals(certificate) ? "cert" : "client-ca";
      throw refusal(option(which) + ": " + e.getMessage());
    }
    return Optional.of(tls);
  }

  private String option(String name) {
    return "--%s-tls-%s".formatted(port.toLowerCase(Locale.ROOT), name);
  }

  private ParameterException refusal(String message) {
    CommandSpec spec =
        Objects.requireNonNull(command, "a command is run by picocli, which sets this");
    return new ParameterException(spec.commandLine(), message);
  }
}
