package io.limiter.server.certificate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import com.google.protobuf.ByteString;
import io.limiter.testing.Authority;
import io.limiter.testing.Authority.San;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
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

  /** They belong to the connection: reading them for each call would cost more than the call. */
  @Test
  void namesOfASession_areReadOnce_alsoWhereItShowedNone() throws Exception {
    X509Certificate shown =
        new Authority("ca").sign("admin.example", San.dns("web.example")).certificate();
    for (List<X509Certificate> chain : List.of(List.of(shown), List.<X509Certificate>of())) {
      AtomicInteger asked = new AtomicInteger();
      SSLSession session = session(chain, asked);
      List<String> names = CertificateNames.of(session);
      assertEquals(chain.isEmpty() ? List.of() : List.of("web.example"), names);
      assertSame(names, CertificateNames.of(session));
      assertEquals(1, asked.get());
    }
  }

  private static SSLSession session(List<X509Certificate> chain, AtomicInteger asked) {
    Map<Object, Object> values = new HashMap<>();
    return (SSLSession)
        Proxy.newProxyInstance(
            SSLSession.class.getClassLoader(),
            new Class<?>[] {SSLSession.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "getValue" -> values.get(arguments[0]);
                  case "putValue" -> values.put(arguments[0], arguments[1]);
                  case "getPeerCertificates" -> {
                    asked.incrementAndGet();
                    if (chain.isEmpty()) {
                      throw new SSLPeerUnverifiedException("none");
                    }
                    yield chain.toArray(X509Certificate[]::new);
                  }
                  default -> throw new UnsupportedOperationException(method.getName());
                });
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
