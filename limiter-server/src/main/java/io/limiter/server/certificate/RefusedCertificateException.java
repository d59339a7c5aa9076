package io.limiter.server.certificate;

import java.security.cert.CertificateException;

/** A caller's certificate was refused. The message says why and what to do. */
public final class RefusedCertificateException extends CertificateException {
  private static final long serialVersionUID = 1;

  RefusedCertificateException(String why, Throwable cause) {
    super(why, cause);
  }
}
