package io.limiter.server.store.redis.connect;

import io.lettuce.core.RedisCredentials;
import io.lettuce.core.RedisURI;
import io.lettuce.core.StaticCredentialsProvider;
import io.lettuce.core.resource.Transports;
import io.limiter.server.store.endpoint.ClientCertificate;
import io.limiter.server.store.endpoint.Credentials;
import io.limiter.server.store.endpoint.HostPort;
import io.limiter.server.store.endpoint.RedisEndpoint;
import io.limiter.server.store.endpoint.RedisPlace;
import io.limiter.server.store.endpoint.Tls;
import io.limiter.server.store.endpoint.TrustedCertificates;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * What Lettuce is told of the Redis, or the Sentinel, that one connection is made to. Each is asked
 * for when the connection is made, and may read files. They throw an {@link IOException} when a
 * file cannot be used; the message says which and why.
 */
final class ConnectionUri {
  /** Bounds the handshake of a host that accepts a connection and then says nothing. */
  private static final Duration HANDSHAKE = Duration.ofSeconds(2);

  /** For whoever looks into CLIENT LIST. */
  private static final String CLIENT_NAME = "limiter";

  private static final RedisCredentials NOBODY = RedisCredentials.just(null, (char[]) null);

  private ConnectionUri() {}

  /** That of the endpoint, which is one Redis. */
  static RedisURI of(RedisEndpoint endpoint) throws IOException {
    RedisURI uri = at(endpoint.place());
    uri.setDatabase(endpoint.database());
    uri.setTimeout(HANDSHAKE);
    return with(uri, endpoint.tls(), endpoint.credentials());
  }

  /** That of one of the endpoint's Sentinels. */
  static RedisURI ofSentinel(RedisEndpoint endpoint, HostPort at, Credentials credentials)
      throws IOException {
    RedisURI uri = RedisURI.create(at.host(), at.port());
    uri.setTimeout(AsynchronousClient.SENTINEL_WAIT);
    return with(uri, endpoint.tls(), credentials);
  }

  private static RedisURI with(RedisURI uri, Optional<Tls> tls, Credentials credentials)
      throws IOException {
    if (tls.isPresent()) {
      check(tls.get());
    }
    uri.setSsl(tls.isPresent());
    uri.setClientName(CLIENT_NAME);
    uri.setCredentialsProvider(new StaticCredentialsProvider(login(credentials)));
    return uri;
  }

  /** Lettuce reads the files next, and would not say what is wrong with them. */
  private static void check(Tls tls) throws IOException {
    Optional<Path> ca = tls.ca();
    if (ca.isPresent()) {
      TrustedCertificates.check(ca.get());
    }
    Optional<Tls.Own> own = tls.own();
    if (own.isPresent()) {
      ClientCertificate.check(own.get());
    }
  }

  private static RedisURI at(RedisPlace place) throws IOException {
    if (place instanceof RedisPlace.Standalone standalone) {
      return RedisURI.create(standalone.at().host(), standalone.at().port());
    }
    if (place instanceof RedisPlace.Member member) {
      return RedisURI.create(member.at().host(), member.at().port());
    }
    if (place instanceof RedisPlace.Socket socket) {
      if (!Transports.NativeTransports.isDomainSocketSupported()) {
        throw new IOException(
            "a Unix socket needs Linux on x86_64 or aarch64; have Redis listen on a port and write"
                + " redis://127.0.0.1:6379");
      }
      return RedisURI.Builder.socket(socket.path().toString()).build();
    }
    throw new IllegalArgumentException(place + " is not one Redis");
  }

  private static RedisCredentials login(Credentials credentials) throws IOException {
    return credentials
        .current()
        .map(login -> RedisCredentials.just(login.user().orElse(null), login.password()))
        .orElse(NOBODY);
  }
}
