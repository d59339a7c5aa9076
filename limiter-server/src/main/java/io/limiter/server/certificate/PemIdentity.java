package io.limiter.server.certificate;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;

/**
 * A certificate that the service shows, and its key, out of PEM files. Immutable.
 *
 * @param chain the certificate first, then those that signed it
 */
public record PemIdentity(List<X509Certificate> chain, PrivateKey key) {
  private static final Base64.Encoder LINES = Base64.getMimeEncoder(64, new byte[] {'\n'});

  public PemIdentity {
    chain = List.copyOf(chain);
  }

  /**
   * Reads one. The key may have the form of PKCS #8, PKCS #1 (RSA) or SEC 1 (EC).
   *
   * @param whom it is shown to, for messages
   * @throws UnusablePemException when a file does not hold what it should, or the key is not that
   *     of the certificate
   */
  public static PemIdentity read(Path certificate, Path key, String whom)
      throws UnusablePemException {
    return read(certificate, key, whom, PemKey::read);
  }

  /** The same for whom reads no other form than PKCS #8. */
  public static PemIdentity readPkcs8(Path certificate, Path key, String whom)
      throws UnusablePemException {
    return read(certificate, key, whom, PemKey::readPkcs8);
  }

  private interface KeyReader {
    PrivateKey read(PemFile pem, PublicKey shown) throws UnusablePemException;
  }

  private static PemIdentity read(Path certificate, Path key, String whom, KeyReader reader)
      throws UnusablePemException {
    List<X509Certificate> chain =
        PemFile.read(certificate, "the certificate for " + whom).certificates();
    PublicKey shown = chain.get(0).getPublicKey();
    PemFile pem = PemFile.read(key, "the key for " + whom);
    PrivateKey read = reader.read(pem, shown);
    if (!isPair(shown, read)) {
      throw PemKey.isNotIts(pem);
    }
    return new PemIdentity(chain, read);
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

  /** The chain as a PEM file has it. */
  public byte[] chainPem() {
    return pem(chain);
  }

  /** The key as a PEM file of PKCS #8 has it. */
  public byte[] keyPem() {
    return pem("PRIVATE KEY", key.getEncoded()).getBytes(StandardCharsets.US_ASCII);
  }

  static byte[] pem(List<X509Certificate> certificates) {
    StringBuilder pem = new StringBuilder();
    try {
      for (X509Certificate one : certificates) {
        pem.append(pem("CERTIFICATE", one.getEncoded()));
      }
    } catch (CertificateEncodingException e) {
      throw new IllegalStateException("a certificate that was read cannot be written", e);
    }
    return pem.toString().getBytes(StandardCharsets.US_ASCII);
  }

  private static String pem(String label, byte[] der) {
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
        .formatted(label, LINES.encodeToString(der), label);
  }

  /** Without the key. */
  @Override
  public String toString() {
    X509Certificate shown = chain.get(0);
    return "%s, valid until %s"
        .formatted(shown.getSubjectX500Principal(), shown.getNotAfter().toInstant());
  }
}
