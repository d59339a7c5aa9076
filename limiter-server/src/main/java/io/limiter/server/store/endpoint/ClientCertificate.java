package io.limiter.server.store.endpoint;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The certificate that the service shows to Redis, and its key. No message tells what they hold.
 */
public final class ClientCertificate {
  private static final Pattern KEY =
      Pattern.compile(
          "-----BEGIN ((?:[A-Z]+ )?)PRIVATE KEY-----([^-]*)-----END (?:[A-Z]+ )?PRIVATE KEY-----");

  private ClientCertificate() {}

  /**
   * Checks that the files hold a certificate and its key.
   *
   * @throws IOException when they do not; the message says which, why and what to do
   */
  public static void check(Tls.Own own) throws IOException {
    PublicKey shown = certificate(own.certificate()).getPublicKey();
    PrivateKey key = key(own.key(), shown.getAlgorithm());
    if (!isPair(shown, key)) {
      throw notIts(own.key());
    }
  }

  private static Certificate certificate(Path pem) throws IOException {
    String what = "the certificate for Redis";
    Collection<? extends Certificate> all;
    try {
      all =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(read(pem, what)));
    } catch (CertificateException e) {
      throw notPem(pem, what, "CERTIFICATE", e);
    }
    if (all.isEmpty()) {
      throw notPem(pem, what, "CERTIFICATE", null);
    }
    return all.iterator().next();
  }

  private static PrivateKey key(Path pem, String algorithm) throws IOException {
    String what = "the key for Redis";
    Matcher parts = KEY.matcher(new String(read(pem, what), StandardCharsets.ISO_8859_1));
    if (!parts.find()) {
      throw notPem(pem, what, "PRIVATE KEY", null);
    }
    if (parts.group(1).startsWith("ENCRYPTED") || parts.group(2).contains("ENCRYPTED")) {
      throw unusable(
          pem, what, "is encrypted; decrypt it with openssl pkey -in KEY -out DECRYPTED", null);
    }
    if (!parts.group(1).isEmpty()) {
      throw unusable(
          pem,
          what,
          "is not in the form of PKCS #8; change it with openssl pkey -in KEY -out CHANGED",
          null);
    }
    byte[] der;
    try {
      der = Base64.getMimeDecoder().decode(parts.group(2));
    } catch (IllegalArgumentException e) {
      throw notPem(pem, what, "PRIVATE KEY", e);
    }
    try {
      return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
    } catch (GeneralSecurityException anotherAlgorithm) {
      throw notIts(pem);
    }
  }

  private static boolean isPair(PublicKey shown, PrivateKey key) {
    String algorithm = shown.getAlgorithm();
    try {
      Signature signature =
          Signature.getInstance(
              switch (algorithm) {
                case "RSA" -> "SHA256withRSA";
                case "EC" -> "SHA256withECDSA";
                default -> algorithm;
              });
      byte[] text = {1, 2, 3};
      signature.initSign(key);
      signature.update(text);
      byte[] signed = signature.sign();
      signature.initVerify(shown);
      signature.update(text);
      return signature.verify(signed);
    } catch (GeneralSecurityException otherKinds) {
      return false;
    }
  }

  private static byte[] read(Path file, String what) throws IOException {
    try {
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw unusable(file, what, "is not there; name one that is", e);
    } catch (AccessDeniedException e) {
      throw unusable(file, what, "may not be read by this user; allow it", e);
    } catch (IOException e) {
      throw unusable(file, what, "cannot be read (%s); name a file".formatted(e.getMessage()), e);
    }
  }

  private static IOException notIts(Path key) {
    return unusable(
        key,
        "the key for Redis",
        "is not that of the certificate; name the two that belong together",
        null);
  }

  private static IOException notPem(
      Path file, String what, String label, @Nullable Throwable cause) {
    return unusable(
        file, what, "is no PEM file of one; name one, with BEGIN " + label + " in it", cause);
  }

  private static IOException unusable(
      Path file, String what, String why, @Nullable Throwable cause) {
    return new IOException("%s, %s, %s".formatted(what, file, why), cause);
  }
}
