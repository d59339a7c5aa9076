package io.limiter.server.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;

/**
 * Files of keys, good and bad, as files of access name them. They are made when they are needed.
 */
public final class KeyFiles {
  private KeyFiles() {}

  /** Writes them into a folder. */
  public static void into(Path folder) throws IOException {
    RSAKey key = new Tokens("k1").key();
    Files.writeString(folder.resolve("good.json"), new JWKSet(key).toString());
    Files.writeString(folder.resolve("private.json"), new JWKSet(key).toString(false));
    try {
      Files.writeString(
          folder.resolve("private.pem"),
          "-----BEGIN PRIVATE KEY-----\n"
              + Base64.getMimeEncoder().encodeToString(key.toPrivateKey().getEncoded())
              + "\n-----END PRIVATE KEY-----\n");
      RSAKey weak = new RSAKeyGenerator(1024, /* allowWeakKeys= */ true).keyID("w").generate();
      Files.writeString(folder.resolve("weak.json"), new JWKSet(weak).toString());
    } catch (JOSEException e) {
      throw new AssertionError(e);
    }
    RSAKey encryption = new RSAKey.Builder(key.toPublicJWK()).keyUse(KeyUse.ENCRYPTION).build();
    Files.writeString(folder.resolve("encryption.json"), new JWKSet(encryption).toString());
    Files.writeString(
        folder.resolve("secret.json"),
        new JWKSet(new OctetSequenceKey.Builder(new byte[32]).build()).toString(false));
    Files.writeString(folder.resolve("none.json"), "{\"keys\":[]}");
    Files.writeString(folder.resolve("text.json"), "no keys");
    Files.write(folder.resolve("binary.json"), new byte[] {(byte) 0xC3, 0x28});
    Files.writeString(folder.resolve("large.json"), " ".repeat((1 << 20) + 1));
    Files.createDirectory(folder.resolve("folder"));
  }
}
