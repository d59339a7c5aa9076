package io.limiter.client;

import io.grpc.ChannelCredentials;
import io.grpc.TlsChannelCredentials;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How the connection to the service is encrypted. Immutable: every step returns another one. */
public final class Tls {
  private final @Nullable Path authorities;
  private final @Nullable Identity identity;
  private final @Nullable String serverName;

  private record Identity(Path certificateChain, Path privateKey) {}

  private Tls(
      @Nullable Path authorities, @Nullable Identity identity, @Nullable String serverName) {
    this.authorities = authorities;
    this.identity = identity;
    this.serverName = serverName;
  }

  /** Trusts the authorities that the Java runtime trusts. */
  public static Tls trustingSystem() {
    return new Tls(null, null, null);
  }

  /**
   * Trusts these authorities alone.
   *
   * @param authorities their certificates, a PEM file
   */
  public static Tls trusting(Path authorities) {
    return new Tls(authorities, null, null);
  }

  /**
   * Shows the service who is calling (mutual TLS).
   *
   * @param certificateChain the caller's own certificate first, a PEM file
   * @param privateKey its PKCS#8 key, a PEM file without a password
   */
  public Tls identity(Path certificateChain, Path privateKey) {
    return new Tls(authorities, new Identity(certificateChain, privateKey), serverName);
  }

  /** Expects this name in the service's certificate, in place of the target's host. */
  public Tls serverName(String serverName) {
    return new Tls(authorities, identity, serverName);
  }

  Optional<String> serverName() {
    return Optional.ofNullable(serverName);
  }

  ChannelCredentials credentials() {
    TlsChannelCredentials.Builder credentials = TlsChannelCredentials.newBuilder();
    try {
      if (authorities != null) {
        credentials.trustManager(authorities.toFile());
      }
      if (identity != null) {
        credentials.keyManager(
            identity.certificateChain().toFile(), identity.privateKey().toFile());
      }
    } catch (IOException e) {
      throw new UncheckedIOException("TLS file cannot be read: " + e.getMessage(), e);
    }
    return credentials.build();
  }
}
