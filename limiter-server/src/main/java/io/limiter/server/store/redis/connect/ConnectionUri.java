package io.limiter.server.store.redis.connect;

import io.lettuce.core.RedisCredentials;
import io.lettuce.core.RedisURI;
import io.lettuce.core.StaticCredentialsProvider;
import io.limiter.server.store.endpoint.Credentials;
import io.limiter.server.store.endpoint.HostPort;
import io.limiter.server.store.endpoint.RedisEndpoint;
import io.limiter.server.store.endpoint.RedisPlace;
import java.io.IOException;
import java.time.Duration;

/** What Lettuce is told of the Redis that one connection is made to. */
final class ConnectionUri {
  /** Bounds the handshake of a host that accepts a connection and then says nothing. */
  private static final Duration HANDSHAKE = Duration.ofSeconds(2);

  private static final RedisCredentials NOBODY = RedisCredentials.just(null, (char[]) null);

  private ConnectionUri() {}

  /**
   * The URI for a connection that is made now. May read files.
   *
   * @throws IOException when a file cannot be used; the message says which and why
   */
  static RedisURI of(RedisEndpoint endpoint) throws IOException {
    RedisURI uri = at(endpoint.place());
    uri.setSsl(endpoint.tls().isPresent());
    uri.setDatabase(endpoint.database());
    uri.setTimeout(HANDSHAKE);
    uri.setCredentialsProvider(new StaticCredentialsProvider(login(endpoint.credentials())));
    return uri;
  }

  private static RedisURI at(RedisPlace place) {
    if (place instanceof RedisPlace.Standalone standalone) {
      HostPort at = standalone.at();
      return RedisURI.create(at.host(), at.port());
    }
    if (place instanceof RedisPlace.Member member) {
      return RedisURI.create(member.at().host(), member.at().port());
    }
    throw new IllegalArgumentException("not supported yet: " + place);
  }

  private static RedisCredentials login(Credentials credentials) throws IOException {
    return credentials
        .current()
        .map(login -> RedisCredentials.just(login.user().orElse(null), login.password()))
        .orElse(NOBODY);
  }
}
