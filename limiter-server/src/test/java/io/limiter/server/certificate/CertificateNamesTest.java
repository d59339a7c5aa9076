package io.limiter.server.certificate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import io.limiter.testing.Authority;
import io.limiter.testing.Authority.San;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Which names of a certificate say who somebody is. */
class CertificateNamesTest {
  private static List<String> names(San... names) throws Exception {
    X509Certificate certificate = new Authority("ca").sign("admin.example", names).certificate();
    return CertificateNames.of(certificate);
  }

  @Test
  void urisComeFirst_thenHosts_inTheirOrder_eachOnce() throws Exception {
    assertEquals(
        List.of("spiffe://prod/web", "urn:team:a", "web.example", "*.web.example"),
        names(
            San.dns("Web.Example"),
            San.uri("spiffe://prod/web"),
            San.dns("web.example"),
            San.uri("urn:team:a"),
            San.dns("*.web.example"),
            San.uri("spiffe://prod/web")));
  }

  @Test
  void theCommonName_isNone_norIsAnAddress() throws Exception {
    assertEquals(List.of(), names());
    assertEquals(List.of(), names(San.loopback(), mail("admin@example")));
  }

  /** Else an authority that is trusted for hosts alone could name a workload. */
  @Test
  void aHostThatLooksLikeAUri_isLeftOut_andTheOtherWayRound() throws Exception {
    assertEquals(
        List.of("good.example"),
        CertificateNames.of(
            List.of(
                List.of(2, "spiffe://prod/admin"),
                List.of(6, "web.example"),
                List.of(2, "good.example"))));
  }

  @Test
  void whatCannotBeSeenOrIsNoAscii_isLeftOut() throws Exception {
    assertEquals(
        List.of(),
        CertificateNames.of(
            Stream.of("", "a b", "a\u0000.example", "\u212aelvin", "a\n", ".a")
                .map(name -> List.<Object>of(2, name))
                .toList()));
    assertEquals(
        List.of(),
        CertificateNames.of(
            Stream.of("", "good", ":x", "spiffe:", "x:a b", "x:a\u0000", "x:\u00e9", "x:a\n")
                .map(name -> List.<Object>of(6, name))
                .toList()));
  }

  @Test
  void aLongList_isCut_andALongNameIsLeftOut() throws Exception {
    San[] many = IntStream.range(0, 500).mapToObj(i -> San.dns("h" + i)).toArray(San[]::new);
    List<String> names = names(many);
    assertEquals(CertificateNames.MOST_NAMES, names.size());
    assertEquals("h63", names.get(63));
    String longest = "x:" + "y".repeat(CertificateNames.MOST_CHARACTERS - 2);
    assertEquals(List.of(longest), names(San.uri(longest), San.uri(longest + "y")));
  }

  private static San mail(String address) {
    return new San(1, ByteString.copyFrom(address, StandardCharsets.US_ASCII));
  }
}
