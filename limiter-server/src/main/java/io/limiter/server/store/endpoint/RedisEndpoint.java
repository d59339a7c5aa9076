package io.limiter.server.store.endpoint;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Where Redis is and how one gets in. Its text never holds the user or the password.
 *
 * @param database 0 or more; 0 in a Cluster, which has no other
 * @param credentials how to log in to Redis itself
 * @param tls empty for connections in plain text
 */
public record RedisEndpoint(
    RedisPlace place, int database, Credentials credentials, Optional<Tls> tls) {

  /**
   * The one that a URI names.
   *
   * @throws IllegalArgumentException when it is none of the forms that {@link RedisUri} reads; the
   *     message says what is wrong and holds no part of the URI
   */
  public static RedisEndpoint parse(String uri) {
    return RedisUri.parse(uri);
  }

  /** The same with other credentials. */
  public RedisEndpoint with(Credentials other) {
    return new RedisEndpoint(place, database, other, tls);
  }

  /** The same, with TLS as it is told. */
  public RedisEndpoint with(Tls other) {
    return new RedisEndpoint(place, database, credentials, Optional.of(other));
  }

  /** The same, trusting the certificates in a PEM file. */
  public RedisEndpoint trusting(Path pem) {
    return with(tls.orElse(Tls.DEFAULT).trusting(pem));
  }

  /** The same, with credentials for its Sentinels; itself if it has none. */
  public RedisEndpoint withSentinels(Credentials theirs) {
    return place instanceof RedisPlace.Sentinels many
        ? at(new RedisPlace.Sentinels(many.sentinels(), many.primary(), theirs))
        : this;
  }

  /** Another Redis that one gets into the same way. */
  public RedisEndpoint at(RedisPlace other) {
    return new RedisEndpoint(other, database, credentials, tls);
  }

  /** Where it is, as a URI without user and password. */
  public String address() {
    String scheme = tls.isPresent() ? "rediss" : "redis";
    String behind = database == 0 ? "" : "/" + database;
    if (place instanceof RedisPlace.Sentinels many) {
      return scheme + "-sentinel://" + joined(many.sentinels()) + behind + '#' + many.primary();
    }
    if (place instanceof RedisPlace.Cluster cluster) {
      return scheme + "-cluster://" + joined(cluster.seeds());
    }
    if (place instanceof RedisPlace.Socket socket) {
      return "redis-socket://" + socket.path() + (database == 0 ? "" : "?database=" + database);
    }
    if (place instanceof RedisPlace.Member member) {
      return scheme + "://" + member.at();
    }
    return scheme + "://" + ((RedisPlace.Standalone) place).at() + behind;
  }

  private static String joined(List<HostPort> hosts) {
    return hosts.stream().map(HostPort::toString).collect(Collectors.joining(","));
  }

  @Override
  public String toString() {
    return address();
  }
}
