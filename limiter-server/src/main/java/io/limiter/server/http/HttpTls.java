package io.limiter.server.http;

import io.limiter.server.certificate.PemIdentity;
import io.limiter.server.certificate.TrustedPem;
import io.limiter.server.certificate.UnusablePemException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * TLS of the HTTP port: 1.2 or 1.3. The files are read again when they change. Immutable.
 *
 * @param certificate a PEM file of the certificate, and of those that signed it
 * @param key a PEM file of its private key, not encrypted
 * @param clientCa a PEM file of the certificates that sign those of callers, who must show one;
 *     empty if none is asked for
 */
public record HttpTls(Path certificate, Path key, Optional<Path> clientCa) {
  private static final List<String> VERSIONS = List.of("TLSv1.2", "TLSv1.3");

  /**
   * Checks that the files can be used.
   *
   * @throws UnusablePemException when one cannot; the message says why and what to do
   */
  public void check() throws UnusablePemException {
    read();
  }

  /** What the files say now. */
  Loaded read() throws UnusablePemException {
    PemIdentity identity = PemIdentity.read(certificate, key, "HTTP");
    ServerSSLOptions options = new ServerSSLOptions();
    options
        .setKeyCertOptions(
            new PemKeyCertOptions()
                .setCertValue(Buffer.buffer(identity.chainPem()))
                .setKeyValue(Buffer.buffer(identity.keyPem())))
        .setUseAlpn(true)
        .setEnabledSecureTransportProtocols(new LinkedHashSet<>(VERSIONS));
    if (clientCa.isPresent()) {
      byte[] trusted = TrustedPem.read(clientCa.get(), "HTTP's callers");
      options
          .setTrustOptions(new PemTrustOptions().addCertValue(Buffer.buffer(trusted)))
          .setClientAuth(ClientAuth.REQUIRED);
    }
    return new Loaded(identity, options);
  }

  /** The same, asking callers for no certificate. */
  public HttpTls withoutClients() {
    return new HttpTls(certificate, key, Optional.empty());
  }

  List<Path> files() {
    return Stream.concat(Stream.of(certificate, key), clientCa.stream()).toList();
  }

  /** What files said. */
  record Loaded(PemIdentity identity, ServerSSLOptions options) {}
}
