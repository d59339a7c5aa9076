package io.limiter.server.store.endpoint;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Where one Redis is and how one gets in. Its text never holds the user or the password.
 *
 * @param host a name, an IPv4 address, or an IPv6 address without brackets
 * @param port 1 to 65535
 * @param database 0 or more
 * @param ca a PEM file of the certificates to trust, read for each connection; empty for those that
 *     Java trusts
 */
public record RedisEndpoint(
    boolean tls, String host, int port, int database, Credentials credentials, Optional<Path> ca) {

  /**
   * The one that a URI names.
   *
   * @throws IllegalArgumentException when it is not {@code redis[s]://[USER:PASSWORD@]HOST[:PORT]
   *     [/DATABASE]}; the message says what is wrong and holds no part of the URI
   */
  public static RedisEndpoint parse(String uri) {
    return RedisUri.parse(uri);
  }

  /** The same with other credentials. */
  public RedisEndpoint with(Credentials other) {
    return new RedisEndpoint(tls, host, port, database, other, ca);
  }

  /** The same, trusting the certificates in a PEM file. */
  public RedisEndpoint trusting(Path pem) {
    return new RedisEndpoint(tls, host, port, database, credentials, Optional.of(pem));
  }

  /** Where it is, as a URI without user and password. */
  public String address() {
    String at = host.indexOf(':') < 0 ? host : '[' + host + ']';
    String scheme = tls ? "rediss://" : "redis://";
    return scheme + at + ':' + port + (database == 0 ? "" : "/" + database);
  }

  @Override
  public String toString() {
    return address();
  }
}
