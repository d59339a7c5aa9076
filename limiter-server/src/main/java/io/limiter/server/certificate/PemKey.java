package io.limiter.server.certificate;

import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads a private key of each of the forms that PEM files have. */
final class PemKey {
  private static final Pattern KEY =
      Pattern.compile(
          "-----BEGIN ((?:[A-Z]+ )?)PRIVATE KEY-----([^-]*)-----END (?:[A-Z]+ )?PRIVATE KEY-----");

  private static final int SEQUENCE = 0x30;
  private static final int OCTETS = 0x04;
  private static final byte[] VERSION_0 = {2, 1, 0};

  private PemKey() {}

  /** Reads the key of a certificate, in no other form than PKCS #8. */
  static PrivateKey readPkcs8(PemFile pem, PublicKey shown) throws UnusablePemException {
    if (!parts(pem).group(1).isEmpty()) {
      throw pem.unusable(
          "is not in the form of PKCS #8; change it with openssl pkey -in KEY -out CHANGED", null);
    }
    return read(pem, shown);
  }

  /**
   * Reads the key of a certificate.
   *
   * @param shown the certificate's
   */
  static PrivateKey read(PemFile pem, PublicKey shown) throws UnusablePemException {
    Matcher parts = parts(pem);
    byte[] der;
    try {
      der = Base64.getMimeDecoder().decode(parts.group(2));
    } catch (IllegalArgumentException e) {
      throw pem.isNone("PRIVATE KEY", e);
    }
    try {
      byte[] pkcs8 = parts.group(1).isEmpty() ? der : pkcs8(der, shown);
      return KeyFactory.getInstance(shown.getAlgorithm())
          .generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
    } catch (GeneralSecurityException anotherAlgorithm) {
      throw isNotIts(pem);
    }
  }

  static UnusablePemException isNotIts(PemFile pem) {
    return pem.unusable("is not that of the certificate; name the two that belong together", null);
  }

  private static Matcher parts(PemFile pem) throws UnusablePemException {
    Matcher parts = KEY.matcher(pem.text());
    if (!parts.find()) {
      throw pem.isNone("PRIVATE KEY", null);
    }
    if (parts.group(1).startsWith("ENCRYPTED") || parts.group(2).contains("ENCRYPTED")) {
      throw pem.unusable("is encrypted; decrypt it with openssl pkey -in KEY -out DECRYPTED", null);
    }
    return parts;
  }

  /**
   * What PKCS #1 and SEC 1 have, as PKCS #8 has it: with the algorithm, which is that of the public
   * key.
   */
  private static byte[] pkcs8(byte[] key, PublicKey shown) {
    byte[] info = shown.getEncoded();
    int start = contentOf(info, 0);
    int content = contentOf(info, start);
    byte[] algorithm = Arrays.copyOfRange(info, start, content + lengthAt(info, start));
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(VERSION_0);
    all.writeBytes(algorithm);
    all.writeBytes(element(OCTETS, key));
    return element(SEQUENCE, all.toByteArray());
  }

  /** Where the content of an element of DER begins that begins at a place. */
  private static int contentOf(byte[] der, int place) {
    int length = der[place + 1];
    return place + 2 + (length < 0 ? length & 0x7f : 0);
  }

  private static int lengthAt(byte[] der, int place) {
    int content = contentOf(der, place);
    if (content == place + 2) {
      return der[place + 1];
    }
    int length = 0;
    for (int i = place + 2; i < content; i++) {
      length = (length << 8) | (der[i] & 0xff);
    }
    return length;
  }

  private static byte[] element(int tag, byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(tag);
    if (content.length < 0x80) {
      out.write(content.length);
    } else if (content.length <= 0xff) {
      out.write(0x81);
      out.write(content.length);
    } else {
      out.write(0x82);
      out.write(content.length >> 8);
      out.write(content.length);
    }
    out.writeBytes(content);
    return out.toByteArray();
  }
}
