package io.limiter.server.store.endpoint;

import io.limiter.server.certificate.PemIdentity;
import java.io.IOException;

/**
 * The certificate that the service shows to Redis, and its key. No message tells what they hold.
 */
public final class ClientCertificate {
  private ClientCertificate() {}

  /**
   * Checks that the files hold a certificate and its key.
   *
   * @throws IOException when they do not; the message says which, why and what to do
   */
  public static void check(Tls.Own own) throws IOException {
    PemIdentity.readPkcs8(own.certificate(), own.key(), "Redis");
  }
}
