package io.limiter.server.certificate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.limiter.testing.Identity;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.interfaces.ECPrivateKey;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PemIdentityTest {
  @TempDir Path folder;

  /** The older forms hold what the newer one wraps: what is left is read as well. */
  @ParameterizedTest
  @CsvSource({"RSA, 2048, RSA", "RSA, 4096, RSA", "EC, 256, EC", "EC, 521, EC"})
  void aKey_isReadInTheOlderFormToo(String algorithm, int bits, String label) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
    generator.initialize(bits);
    var pair = generator.generateKeyPair();
    byte[] pkcs8 = pair.getPrivate().getEncoded();
    byte[] older = Arrays.copyOfRange(pkcs8, wrapped(pkcs8), pkcs8.length);
    assertKey(pair.getPrivate(), pair.getPublic(), pem(label + " PRIVATE KEY", older));
    assertKey(pair.getPrivate(), pair.getPublic(), pem("PRIVATE KEY", pkcs8));
  }

  /** As openssl writes it, with the curve and the public key behind the private one. */
  @Test
  void aKeyOfACurve_isReadWithAllThatMayBeInIt() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(256);
    var pair = generator.generateKeyPair();
    byte[] info = pair.getPublic().getEncoded();
    byte[] pkcs8 = pair.getPrivate().getEncoded();
    byte[] plain = Arrays.copyOfRange(pkcs8, wrapped(pkcs8), pkcs8.length);
    ByteBuffer whole = ByteBuffer.allocate(2 + 119);
    whole.put((byte) 0x30).put((byte) 119);
    // The version and the private key.
    whole.put(plain, 2, 3 + 34);
    // The curve, which the public key names too.
    whole.put((byte) 0xa0).put((byte) 10).put(info, 13, 10);
    whole.put((byte) 0xa1).put((byte) 68).put(info, info.length - 68, 68);
    assertKey(pair.getPrivate(), pair.getPublic(), pem("EC PRIVATE KEY", whole.array()));
  }

  private static void assertKey(PrivateKey expected, PublicKey shown, Path pem) throws IOException {
    PrivateKey read = PemKey.read(PemFile.read(pem, "the key"), shown);
    if (expected instanceof ECPrivateKey curve) {
      assertEquals(curve.getS(), ((ECPrivateKey) read).getS());
    } else {
      assertArrayEquals(expected.getEncoded(), read.getEncoded());
    }
  }

  /** Where the content of the last element begins: the key within PKCS #8. */
  private static int wrapped(byte[] der) {
    int place = content(der, 0);
    while (der[place] != 4) {
      place = content(der, place) + length(der, place);
    }
    return content(der, place);
  }

  private static int content(byte[] der, int place) {
    return place + 2 + (der[place + 1] < 0 ? der[place + 1] & 0x7f : 0);
  }

  private static int length(byte[] der, int place) {
    int length = der[place + 1];
    if (length < 0) {
      length = 0;
      for (int i = place + 2; i < content(der, place); i++) {
        length = (length << 8) | (der[i] & 0xff);
      }
    }
    return length;
  }

  private Path pem(String label, byte[] der) throws IOException {
    String text =
        "-----BEGIN %s-----\n%s\n-----END %s-----\n"
            .formatted(label, Base64.getMimeEncoder().encodeToString(der), label);
    return Files.writeString(folder.resolve(label), text);
  }

  @Test
  void whatCannotBeUsed_isNamedWithTheRemedy_andNotShown() throws Exception {
    Identity identity = Identity.make(folder, "a", "san=dns:a");
    Path key = identity.key();
    String text = Files.readString(key);
    Path broken = Files.writeString(folder.resolve("broken"), text.replaceFirst("\n.{20}", "\n#"));
    UnusablePemException refused =
        assertThrows(
            UnusablePemException.class,
            () -> PemIdentity.read(identity.certificate(), broken, "HTTP"));
    assertEquals(broken, refused.file());
    assertEquals(
        "the key for HTTP, %s, is not that of the certificate; name the two that belong together"
            .formatted(broken),
        refused.getMessage());
    assertThrows(
        UnusablePemException.class, () -> PemIdentity.read(folder, identity.key(), "HTTP"));
    PemIdentity read = PemIdentity.read(identity.certificate(), key, "HTTP");
    assertFalse(read.toString().contains("PRIVATE"), read::toString);
    assertEquals(
        text.replace("\n", ""),
        new String(read.keyPem(), StandardCharsets.US_ASCII).replace("\n", ""));
  }
}
