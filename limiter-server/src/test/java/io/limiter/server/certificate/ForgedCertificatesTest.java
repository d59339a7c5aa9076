package io.limiter.server.certificate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.limiter.testing.Authority;
import io.limiter.testing.Authority.San;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Certificates that were made of good ones at random: {@code -Dcertificate.forgeries=1000000} for
 * more of them than 20,000, with {@code -Dlimiter.test.seed=7} others.
 */
@Timeout(600)
class ForgedCertificatesTest {
  private static final int FORGERIES = Integer.getInteger("certificate.forgeries", 20_000);

  /** Of a message that goes to the log. */
  private static final int MOST_CHARACTERS = 1_000;

  private final SplittableRandom random =
      new SplittableRandom(Long.getLong("limiter.test.seed", 1L));

  @TempDir Path folder;

  @Test
  void noneIsBelieved_unlessNothingThatWasSignedChanged_andEachRefusalSaysWhy() throws Exception {
    Authority authority = new Authority("ca");
    Authority strange = new Authority("ca");
    Authority.Signed signed = authority.sign("web", San.uri("spiffe://prod/web"));
    Authority.Signed signedByALeaf =
        Authority.of(signed).sign("admin", San.uri("spiffe://prod/admin"));
    Authority.Signed strangers = strange.sign("admin", San.uri("spiffe://prod/admin"));
    ClientTrust trust =
        ClientTrust.read(Authority.file(folder.resolve("ca.crt"), authority), "gRPC's callers");
    // Whoever has the key of the authority itself may show its certificate.
    List<X509Certificate> good = List.of(signed.certificate(), authority.certificate());
    for (X509Certificate one : good) {
      assertEquals("believed", shown(trust, good, List.of(one.getEncoded())));
    }

    List<byte[]> seeds = new ArrayList<>();
    for (X509Certificate one :
        List.of(
            signed.certificate(),
            signed.certificate(),
            strangers.certificate(),
            signedByALeaf.certificate(),
            strange.certificate(),
            authority.certificate())) {
      seeds.add(one.getEncoded());
    }
    // As they are, and in every order of two.
    for (int first = 2; first < seeds.size() - 1; first++) {
      assertEquals("refused", shown(trust, good, List.of(seeds.get(first))), "" + first);
      for (byte[] second : seeds) {
        assertEquals("refused", shown(trust, good, List.of(seeds.get(first), second)), "" + first);
      }
    }
    Map<String, Integer> ends = new TreeMap<>();
    for (int i = 0; i < FORGERIES; i++) {
      List<byte[]> chain = new ArrayList<>(List.of(forged(seeds)));
      while (random.nextInt(4) == 0) {
        chain.add(seeds.get(random.nextInt(seeds.size())));
      }
      ends.merge(shown(trust, good, chain), 1, Integer::sum);
    }
    assertTrue(ends.getOrDefault("refused", 0) > FORGERIES / 10, ends::toString);
    assertTrue(ends.getOrDefault("unreadable", 0) > FORGERIES / 10, ends::toString);
    assertEquals("believed", shown(trust, good, List.of(signed.certificate().getEncoded())));
  }

  /** What becomes of a chain, as it comes over the wire. */
  private static String shown(ClientTrust trust, List<X509Certificate> good, List<byte[]> encoded)
      throws Exception {
    X509Certificate[] chain = new X509Certificate[encoded.size()];
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      for (int i = 0; i < chain.length; i++) {
        chain[i] =
            (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(encoded.get(i)));
      }
    } catch (CertificateException unreadable) {
      return "unreadable";
    }
    List<String> names = CertificateNames.of(chain[0]);
    try {
      trust.checkClientTrusted(chain, "EC");
    } catch (RefusedCertificateException refused) {
      String message = String.valueOf(refused.getMessage());
      assertTrue(message.length() < MOST_CHARACTERS, message);
      return "refused";
    }
    for (X509Certificate one : good) {
      if (Arrays.equals(one.getTBSCertificate(), chain[0].getTBSCertificate())) {
        assertEquals(CertificateNames.of(one), names);
        return "believed";
      }
    }
    return fail("believed: " + chain[0]);
  }

  private byte[] forged(List<byte[]> seeds) {
    byte[] bytes = seeds.get(random.nextInt(seeds.size())).clone();
    for (int changes = 1 + random.nextInt(2); changes > 0; changes--) {
      bytes = changed(bytes, seeds);
    }
    return bytes;
  }

  private byte[] changed(byte[] bytes, List<byte[]> seeds) {
    if (bytes.length == 0) {
      return new byte[] {0x30};
    }
    int at = random.nextInt(bytes.length);
    return switch (random.nextInt(8)) {
      case 0, 1, 2 -> {
        bytes[at] ^= (byte) (1 << random.nextInt(8));
        yield bytes;
      }
      case 3 -> {
        bytes[at] = (byte) random.nextInt();
        yield bytes;
      }
      case 4 -> Arrays.copyOf(bytes, at);
      case 5 -> {
        byte[] longer = Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(2_000));
        System.arraycopy(bytes, at, longer, at + longer.length - bytes.length, bytes.length - at);
        yield longer;
      }
      case 6 -> {
        byte[] other = seeds.get(random.nextInt(seeds.size()));
        int length = Math.min(bytes.length - at, Math.max(0, other.length - at));
        System.arraycopy(other, Math.min(at, other.length), bytes, at, length);
        yield bytes;
      }
      default -> {
        byte[] shorter = new byte[bytes.length - 1];
        System.arraycopy(bytes, 0, shorter, 0, at);
        System.arraycopy(bytes, at + 1, shorter, at, shorter.length - at);
        yield shorter;
      }
    };
  }
}
