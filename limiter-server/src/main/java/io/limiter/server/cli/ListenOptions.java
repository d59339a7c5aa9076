package io.limiter.server.cli;

import io.limiter.server.certificate.ServerTls;
import io.limiter.server.cli.console.Console;
import io.limiter.server.cli.option.GrpcTlsOptions;
import io.limiter.server.cli.option.HttpTlsOptions;
import io.limiter.server.cli.option.OptionTypes;
import io.limiter.server.grpc.GrpcConnections;
import io.limiter.server.grpc.UnixSocket;
import io.limiter.server.program.ServiceSettings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Where the service listens, how long it keeps connections, and how it ends. */
@Command
final class ListenOptions {
  /** Somebody waits for it, and asks little. */
  private static final Duration DEMO_WARM_UP = Duration.ofSeconds(3);

  @Option(
      names = "--bind",
      paramLabel = "ADDR",
      converter = OptionTypes.Bind.class,
      description = "Address to listen on. Default: 127.0.0.1.")
  private InetAddress bind = new OptionTypes.Bind().convert("127.0.0.1");

  @Option(
      names = "--grpc-port",
      paramLabel = "N",
      converter = OptionTypes.Port.class,
      description = "Port for gRPC. Default: 8081.")
  private int grpcPort = 8081;

  @Option(
      names = "--http-port",
      paramLabel = "N",
      converter = OptionTypes.Port.class,
      description = "Port for /metrics, /livez, /readyz and /rules. Default: 8080.")
  private int httpPort = 8080;

  @Mixin private final HttpTlsOptions httpTls = new HttpTlsOptions();
  @Mixin private final GrpcTlsOptions grpcTls = new GrpcTlsOptions();

  @Option(
      names = "--strict",
      paramLabel = "true|false",
      arity = "0..1",
      fallbackValue = "true",
      converter = OptionTypes.Switch.class,
      description =
          "Refuse to start where a port is open to other hosts without TLS. Default: false.")
  private boolean strict;

  @Option(
      names = "--grpc-uds",
      paramLabel = "PATH",
      converter = OptionTypes.File.class,
      description = "Unix socket for gRPC, in the place of --grpc-port. Default: none.")
  private @Nullable Path grpcUds;

  @Option(
      names = "--grpc-uds-mode",
      paramLabel = "OCTAL",
      converter = FileMode.class,
      description = "Who may use that socket. Default: 660.")
  private Set<PosixFilePermission> grpcUdsMode = new FileMode().convert("660");

  @Option(
      names = "--grpc-keepalive",
      paramLabel = "TIME",
      converter = KeepAlive.class,
      description = "Silence after which a client is pinged, 10s to 1h. Default: 1m.")
  private Duration keepAlive = GrpcConnections.DEFAULTS.keepAlive();

  @Option(
      names = "--grpc-keepalive-timeout",
      paramLabel = "TIME",
      converter = Patience.class,
      description = "Longest wait for the ping's answer, 1s to 5m. Default: 20s.")
  private Duration keepAliveTimeout = GrpcConnections.DEFAULTS.keepAliveTimeout();

  @Option(
      names = "--grpc-max-connection-age",
      paramLabel = "TIME",
      converter = Age.class,
      description = "Age at which a client is told to connect anew; 0s for none. Default: 24h.")
  private Duration maxAge = GrpcConnections.DEFAULTS.maxAge();

  @Option(
      names = "--grpc-max-connection-age-grace",
      paramLabel = "TIME",
      converter = AgeGrace.class,
      description = "Time that its open calls then have, 1s to 720h. Default: 1h.")
  private Duration maxAgeGrace = GrpcConnections.DEFAULTS.maxAgeGrace();

  @Option(
      names = "--warm-up",
      paramLabel = "TIME",
      converter = OptionTypes.Grace.class,
      description =
          "Longest time to warm up before the gRPC port opens, 0s (not at all) to 10m."
              + " Default: 30s, 3s with --demo.")
  private @Nullable Duration warmUp;

  @Option(
      names = "--shutdown-delay",
      paramLabel = "TIME",
      converter = OptionTypes.Grace.class,
      description = "Time at the end to serve on while health says no, 0s to 10m. Default: 500ms.")
  private Duration shutdownDelay = Duration.ofMillis(500);

  @Option(
      names = "--shutdown-grace",
      paramLabel = "TIME",
      converter = OptionTypes.Grace.class,
      description = "Longest wait for calls under way after that, 0s to 10m. Default: 10s.")
  private Duration shutdownGrace = Duration.ofSeconds(10);

  /**
   * Where to listen.
   *
   * @throws ParameterException when options contradict each other, or a file cannot be used
   */
  ServiceSettings.Listen settings(Console console) {
    Optional<ServerTls> secured = grpcTls.settings();
    if (secured.isPresent() && grpcUds != null) {
      throw console.refusal(
          "--grpc-tls-cert: a Unix socket has no TLS; leave it out, or listen on a port without"
              + " --grpc-uds");
    }
    return new ServiceSettings.Listen(
        bind,
        grpcPort,
        httpPort,
        httpTls.settings(),
        secured,
        Optional.ofNullable(grpcUds).map(path -> new UnixSocket(path, grpcUdsMode)),
        new GrpcConnections(keepAlive, keepAliveTimeout, maxAge, maxAgeGrace));
  }

  /** The address and port of HTTP, as they are asked on this host. */
  InetSocketAddress http() {
    return new InetSocketAddress(
        bind.isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : bind, httpPort);
  }

  /**
   * TLS of that port; empty for one in clear.
   *
   * @throws ParameterException when options contradict each other, or a file cannot be used
   */
  Optional<ServerTls> httpTls() {
    return httpTls.settings();
  }

  /** Whether a start with what {@link ServiceSettings.Listen#inClear} tells is to be refused. */
  boolean strict() {
    return strict;
  }

  Duration warmUp(boolean demo) {
    Duration usual = demo ? DEMO_WARM_UP : ServiceSettings.WARM_UP;
    return warmUp == null ? usual : warmUp;
  }

  ServiceSettings.Shutdown shutdown() {
    return new ServiceSettings.Shutdown(shutdownDelay, shutdownGrace);
  }

  /** Who may read and write a file, in octal digits as chmod takes them. */
  static final class FileMode implements ITypeConverter<Set<PosixFilePermission>> {
    @Override
    public Set<PosixFilePermission> convert(String text) {
      if (!text.matches("0?[0-7]{3}")) {
        throw OptionTypes.bad(text, "a mode", "write three octal digits, such as 660 or 666");
      }
      int bits = Integer.parseInt(text, 8);
      StringBuilder mode = new StringBuilder();
      for (int bit = 8; bit >= 0; bit--) {
        mode.append((bits >> bit & 1) == 1 ? "rwxrwxrwx".charAt(8 - bit) : '-');
      }
      return PosixFilePermissions.fromString(mode.toString());
    }
  }

  /** How long a connection may be silent. */
  static final class KeepAlive implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      return OptionTypes.duration(
          text, Duration.ofSeconds(10), Duration.ofHours(1), "use 10s to 1h");
    }
  }

  /** How long a ping's answer may take. */
  static final class Patience implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      return OptionTypes.duration(
          text, Duration.ofSeconds(1), Duration.ofMinutes(5), "use 1s to 5m");
    }
  }

  /** How old a connection may become; 0 for as old as it likes. */
  static final class Age implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      return OptionTypes.duration(
          text, Duration.ZERO, Duration.ofDays(30), "use 0s (no end) to 720h");
    }
  }

  /** How long calls on an old connection may last. */
  static final class AgeGrace implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      return OptionTypes.duration(
          text, Duration.ofSeconds(1), Duration.ofDays(30), "use 1s to 720h");
    }
  }
}
