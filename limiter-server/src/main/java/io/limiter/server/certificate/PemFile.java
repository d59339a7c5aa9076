package io.limiter.server.certificate;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A PEM file as it was read. */
final class PemFile {
  private final Path path;
  private final String what;
  private final byte[] content;

  private PemFile(Path path, String what, byte[] content) {
    this.path = path;
    this.what = what;
    this.content = content;
  }

  /**
   * Reads it.
   *
   * @param what the file is for, in messages
   */
  static PemFile read(Path path, String what) throws UnusablePemException {
    try {
      return new PemFile(path, what, Files.readAllBytes(path));
    } catch (NoSuchFileException e) {
      throw new UnusablePemException(path, what, "is not there; name one that is", e);
    } catch (AccessDeniedException e) {
      throw new UnusablePemException(path, what, "may not be read by this user; allow it", e);
    } catch (IOException e) {
      throw new UnusablePemException(
          path, what, "cannot be read (%s); name a file".formatted(e.getMessage()), e);
    }
  }

  /** What it holds, of which each byte is a character. */
  String text() {
    return new String(content, StandardCharsets.ISO_8859_1);
  }

  /** Its certificates, one or more. */
  List<X509Certificate> certificates() throws UnusablePemException {
    List<X509Certificate> certificates = new ArrayList<>();
    try {
      CertificateFactory.getInstance("X.509")
          .generateCertificates(new ByteArrayInputStream(content))
          .forEach(one -> certificates.add((X509Certificate) one));
    } catch (CertificateException e) {
      throw isNone("CERTIFICATE", e);
    }
    if (certificates.isEmpty()) {
      throw isNone("CERTIFICATE", null);
    }
    return certificates;
  }

  /** What is to be said if it holds nothing of a kind. */
  UnusablePemException isNone(String label, @Nullable Throwable cause) {
    return unusable("is no PEM file of one; name one, with BEGIN " + label + " in it", cause);
  }

  UnusablePemException unusable(String why, @Nullable Throwable cause) {
    return new UnusablePemException(path, what, why, cause);
  }
}
