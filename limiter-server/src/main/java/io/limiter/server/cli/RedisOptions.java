package io.limiter.server.cli;

import io.limiter.server.cli.option.OptionTypes;
import io.limiter.server.store.endpoint.ClientCertificate;
import io.limiter.server.store.endpoint.Credentials;
import io.limiter.server.store.endpoint.RedisEndpoint;
import io.limiter.server.store.endpoint.RedisPlace;
import io.limiter.server.store.endpoint.Tls;
import io.limiter.server.store.endpoint.TrustedCertificates;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where the shared Redis is and how the service gets in. */
@Command
final class RedisOptions {
  @Option(
      names = "--redis",
      paramLabel = "URI",
      converter = OptionTypes.Redis.class,
      description =
          "The shared Redis, such as redis://HOST:6379; rediss:// for TLS;"
              + " redis-sentinel://HOST,HOST#PRIMARY; redis-cluster://HOST,HOST;"
              + " redis-socket:///PATH.")
  private @Nullable String uri;

  @Option(
      names = "--redis-user",
      paramLabel = "NAME",
      converter = OptionTypes.Text.class,
      description = "Redis's ACL user, with --redis-password-file. Default: Redis's own.")
  private @Nullable String user;

  @Option(
      names = "--redis-user-file",
      paramLabel = "FILE",
      converter = OptionTypes.File.class,
      description = "File with that user's name, read for each connection.")
  private @Nullable Path userFile;

  @Option(
      names = "--redis-password-file",
      paramLabel = "FILE",
      converter = OptionTypes.File.class,
      description = "File with the password, read for each connection.")
  private @Nullable Path passwordFile;

  @Option(
      names = "--redis-ca",
      paramLabel = "FILE",
      converter = OptionTypes.File.class,
      description = "PEM file of the CA that signed Redis's certificate. Default: Java's own.")
  private @Nullable Path ca;

  @Option(
      names = "--redis-cert",
      paramLabel = "FILE",
      converter = OptionTypes.File.class,
      description = "PEM file of the certificate to show to Redis, read for each connection.")
  private @Nullable Path certificate;

  @Option(
      names = "--redis-key",
      paramLabel = "FILE",
      converter = OptionTypes.File.class,
      description = "PEM file of that certificate's key.")
  private @Nullable Path key;

  @Option(
      names = "--redis-sentinel-user",
      paramLabel = "NAME",
      converter = OptionTypes.Text.class,
      description = "The Sentinels' ACL user, with --redis-sentinel-password-file.")
  private @Nullable String sentinelUser;

  @Option(
      names = "--redis-sentinel-password-file",
      paramLabel = "FILE",
      converter = OptionTypes.File.class,
      description = "File with the Sentinels' password, read for each connection. Default: none.")
  private @Nullable Path sentinelPasswordFile;

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  /** Whether a Redis is named. */
  boolean isGiven() {
    return uri != null;
  }

  /**
   * Whether the password is among the program's arguments, where every user of the host sees it.
   */
  boolean passwordIsInFlag() {
    return uri != null
        && command().commandLine().getParseResult().hasMatchedOption("--redis")
        && uri.contains("@");
  }

  /**
   * The Redis that is named; empty if none is.
   *
   * @throws ParameterException when the options contradict each other, or a file cannot be used
   */
  Optional<RedisEndpoint> endpoint() {
    if (uri == null) {
      if (Stream.of(user, userFile, passwordFile, ca, certificate, key).anyMatch(Objects::nonNull)
          || sentinelUser != null
          || sentinelPasswordFile != null) {
        throw refusal("--redis: it is missing; the options beside it say how to get into it");
      }
      return Optional.empty();
    }
    RedisEndpoint endpoint = RedisEndpoint.parse(uri);
    return Optional.of(shown(trusted(withSentinelLogin(withLogin(endpoint)))));
  }

  private RedisEndpoint withLogin(RedisEndpoint endpoint) {
    if (passwordFile == null) {
      if (user != null || userFile != null) {
        throw refusal("--redis-password-file: it is missing; a user needs one");
      }
      return endpoint;
    }
    if (!endpoint.credentials().equals(Credentials.NONE)) {
      throw refusal(
          "--redis: it holds a user or password, and --redis-password-file names another; keep one");
    }
    if (user != null && userFile != null) {
      throw refusal("--redis-user: --redis-user-file names one too; keep one");
    }
    Credentials files = new Credentials.Files(Optional.ofNullable(user), userFile, passwordFile);
    try {
      files.current();
    } catch (IOException e) {
      throw refusal("--redis-password-file: " + e.getMessage());
    }
    return endpoint.with(files);
  }

  private RedisEndpoint withSentinelLogin(RedisEndpoint endpoint) {
    Path password = sentinelPasswordFile;
    if (password == null) {
      if (sentinelUser != null) {
        throw refusal("--redis-sentinel-password-file: it is missing; a user needs one");
      }
      return endpoint;
    }
    if (!(endpoint.place() instanceof RedisPlace.Sentinels)) {
      throw refusal(
          "--redis-sentinel-password-file: --redis names no Sentinels;"
              + " write redis-sentinel://HOST:26379#PRIMARY");
    }
    Credentials files = Credentials.Files.ofSentinels(Optional.ofNullable(sentinelUser), password);
    try {
      files.current();
    } catch (IOException e) {
      throw refusal("--redis-sentinel-password-file: " + e.getMessage());
    }
    return endpoint.withSentinels(files);
  }

  private RedisEndpoint shown(RedisEndpoint endpoint) {
    Path shown = certificate;
    Path its = key;
    if (shown == null && its == null) {
      return endpoint;
    }
    if (shown == null || its == null) {
      throw refusal(
          (shown == null ? "--redis-cert" : "--redis-key")
              + ": it is missing; a certificate and its key go together");
    }
    if (endpoint.tls().isEmpty()) {
      throw refusal("--redis-cert: --redis names no TLS; write rediss://HOST:6379");
    }
    Tls tls = endpoint.tls().get().showing(shown, its);
    try {
      ClientCertificate.check(new Tls.Own(shown, its));
    } catch (IOException e) {
      throw refusal("--redis-cert: " + e.getMessage());
    }
    return endpoint.with(tls);
  }

  private RedisEndpoint trusted(RedisEndpoint endpoint) {
    Path pem = ca;
    if (pem == null) {
      return endpoint;
    }
    if (endpoint.tls().isEmpty()) {
      throw refusal("--redis-ca: --redis names no TLS; write rediss://HOST:6379");
    }
    try {
      TrustedCertificates.check(pem);
    } catch (IOException e) {
      throw refusal("--redis-ca: " + e.getMessage());
    }
    return endpoint.trusting(pem);
  }

  private ParameterException refusal(String message) {
    return new ParameterException(command().commandLine(), message);
  }

  private CommandSpec command() {
    return Objects.requireNonNull(command, "a command is run by picocli, which sets this");
  }
}
