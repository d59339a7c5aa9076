package io.limiter.server.http;

import io.limiter.server.certificate.ServerTls;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.core.net.TrustOptions;
import java.util.LinkedHashSet;

/** TLS of the HTTP port, as Vert.x takes it. */
final class HttpTls {
  private HttpTls() {}

  /** Of what the files said. */
  static ServerSSLOptions options(ServerTls tls, ServerTls.Loaded loaded) {
    ServerSSLOptions options = new ServerSSLOptions();
    options
        .setKeyCertOptions(
            new PemKeyCertOptions()
                .setCertValue(Buffer.buffer(loaded.identity().chainPem()))
                .setKeyValue(Buffer.buffer(loaded.identity().keyPem())))
        .setUseAlpn(true)
        .setEnabledSecureTransportProtocols(new LinkedHashSet<>(ServerTls.VERSIONS));
    loaded
        .clients()
        .ifPresent(
            trust ->
                options
                    .setTrustOptions(TrustOptions.wrap(trust))
                    .setClientAuth(
                        tls.withoutCertificate() ? ClientAuth.REQUEST : ClientAuth.REQUIRED));
    return options;
  }
}
