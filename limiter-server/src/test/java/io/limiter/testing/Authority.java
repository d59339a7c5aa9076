package io.limiter.testing;

import com.google.protobuf.ByteString;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import javax.security.auth.x500.X500Principal;

/** Signs certificates: good ones, and such as no tool makes. */
public final class Authority {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);
  private static final byte[] ECDSA_WITH_SHA256 =
      der(0x30, new byte[] {6, 8, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 4, 3, 2});
  private static final byte[] TRUE = {1, 1, -1};

  private final X500Principal name;
  private final KeyPair keys;
  private final X509Certificate certificate;

  /** One that signs itself, for a time from now. */
  public Authority(String name, Duration from, Duration to) throws GeneralSecurityException {
    this.name = new X500Principal("CN=" + name);
    keys = keys();
    byte[] isAuthority = extension(0x13, der(0x30, TRUE));
    certificate = sign(this.name, keys, from, to, isAuthority);
  }

  /** One for a day. */
  public Authority(String name) throws GeneralSecurityException {
    this(name, Duration.ofHours(-1), Duration.ofDays(1));
  }

  private Authority(Signed signer) {
    name = signer.certificate.getSubjectX500Principal();
    keys = signer.keys;
    certificate = signer.certificate;
  }

  /** What one that was signed itself signs, which it may not. */
  public static Authority of(Signed signer) {
    return new Authority(signer);
  }

  /** A subject alternative name. */
  public record San(int kind, ByteString value) {
    public static San dns(String name) {
      return new San(2, ByteString.copyFrom(name, StandardCharsets.ISO_8859_1));
    }

    public static San uri(String uri) {
      return new San(6, ByteString.copyFrom(uri, StandardCharsets.ISO_8859_1));
    }

    public static San loopback() {
      return new San(7, ByteString.fromHex("7f000001"));
    }
  }

  /** What was signed, with its key. */
  public record Signed(X509Certificate certificate, KeyPair keys, X509Certificate authority) {
    /** Its PEM file, in a folder. */
    public Path certificateFile(Path folder) throws IOException {
      return pem(folder, ".crt", "CERTIFICATE", encoded(certificate));
    }

    /** Its key's PEM file. */
    public Path keyFile(Path folder) throws IOException {
      return pem(folder, ".key", "PRIVATE KEY", keys.getPrivate().getEncoded());
    }

    private Path pem(Path folder, String kind, String label, byte[] encoded) throws IOException {
      return Authority.pem(
          folder.resolve(certificate.getSerialNumber().toString(16) + kind), label, encoded);
    }

    /** Both, under the password of {@link Identity}. */
    public KeyStore store() throws GeneralSecurityException, IOException {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry(
          "it",
          keys.getPrivate(),
          Identity.PASSWORD.toCharArray(),
          new Certificate[] {certificate, authority});
      return store;
    }
  }

  /** Signs one for a day. */
  public Signed sign(String subject, San... names) throws GeneralSecurityException {
    return sign(subject, Duration.ofHours(-1), Duration.ofDays(1), names);
  }

  /** Signs one for a time from now. */
  public Signed sign(String subject, Duration from, Duration to, San... names)
      throws GeneralSecurityException {
    KeyPair its = keys();
    byte[] alternatives =
        der(
            0x30,
            Arrays.stream(names)
                .map(one -> der(0x80 | one.kind, one.value.toByteArray()))
                .toArray(byte[][]::new));
    byte[] extension = names.length == 0 ? new byte[0] : extension(0x11, alternatives);
    return new Signed(
        sign(new X500Principal("CN=" + subject), its, from, to, extension), its, certificate);
  }

  public X509Certificate certificate() {
    return certificate;
  }

  /** The authorities in one PEM file. */
  public static Path file(Path file, Authority... authorities) throws IOException {
    Files.writeString(file, "");
    for (Authority one : authorities) {
      String before = Files.readString(file);
      pem(file, "CERTIFICATE", encoded(one.certificate));
      Files.writeString(file, before + Files.readString(file));
    }
    return file;
  }

  private X509Certificate sign(
      X500Principal subject, KeyPair its, Duration from, Duration to, byte[] extension)
      throws GeneralSecurityException {
    Instant now = Instant.now();
    byte[] version3 = der(0xa0, new byte[] {2, 1, 2});
    byte[] body =
        der(
            0x30,
            version3,
            der(2, new BigInteger(62, new SecureRandom()).add(BigInteger.ONE).toByteArray()),
            ECDSA_WITH_SHA256,
            name.getEncoded(),
            der(0x30, time(now.plus(from)), time(now.plus(to))),
            subject.getEncoded(),
            its.getPublic().getEncoded(),
            extension.length == 0 ? extension : der(0xa3, der(0x30, extension)));
    Signature signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(keys.getPrivate());
    signature.update(body);
    byte[] signed = signature.sign();
    byte[] bits = Arrays.copyOf(new byte[0], signed.length + 1);
    System.arraycopy(signed, 0, bits, 1, signed.length);
    return (X509Certificate)
        CertificateFactory.getInstance("X.509")
            .generateCertificate(
                new ByteArrayInputStream(der(0x30, body, ECDSA_WITH_SHA256, der(3, bits))));
  }

  private static KeyPair keys() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(256);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] extension(int id, byte[] value) {
    return der(0x30, new byte[] {6, 3, 0x55, 0x1d, (byte) id}, der(4, value));
  }

  private static byte[] time(Instant time) {
    return der(0x18, TIME.format(time).getBytes(StandardCharsets.US_ASCII));
  }

  private static byte[] der(int tag, byte[]... parts) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    List.of(parts).forEach(content::writeBytes);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.write(tag);
    int length = content.size();
    if (length >= 0x80) {
      byte[] digits = BigInteger.valueOf(length).toByteArray();
      int skip = digits[0] == 0 ? 1 : 0;
      all.write(0x80 | (digits.length - skip));
      all.write(digits, skip, digits.length - skip);
    } else {
      all.write(length);
    }
    all.writeBytes(content.toByteArray());
    return all.toByteArray();
  }

  private static byte[] encoded(X509Certificate one) {
    try {
      return one.getEncoded();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Path pem(Path file, String label, byte[] encoded) throws IOException {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded);
    return Files.writeString(
        file, "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(label, body, label));
  }
}
