package io.limiter.server.certificate;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.testing.Authority;
import io.limiter.testing.SetClock;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whose certificates are believed, and until when. */
class ClientTrustTest {
  private static final Duration HOUR = Duration.ofHours(1);

  @TempDir Path folder;
  private Authority authority;
  private final SetClock clock = new SetClock(Instant.now());

  @BeforeEach
  void make() throws Exception {
    authority = new Authority("ca");
  }

  private ClientTrust trusting(Authority... authorities) throws Exception {
    return ClientTrust.read(
        Authority.file(folder.resolve("ca.crt"), authorities), "gRPC's callers", clock);
  }

  private static X509Certificate[] chain(Authority.Signed signed) {
    return new X509Certificate[] {signed.certificate()};
  }

  private static String refusal(ClientTrust trust, Authority.Signed shown) {
    return String.valueOf(
        assertThrows(
                RefusedCertificateException.class,
                () -> trust.checkClientTrusted(chain(shown), "EC"))
            .getMessage());
  }

  @Test
  void whatAnAuthorityOfTheFileSigned_isBelieved_andNothingElse() throws Exception {
    Authority other = new Authority("other");
    ClientTrust trust = trusting(authority, other);
    assertDoesNotThrow(() -> trust.checkClientTrusted(chain(authority.sign("a")), "EC"));
    assertDoesNotThrow(() -> trust.checkClientTrusted(chain(other.sign("b")), "EC"));
    assertEquals(
        "its certificate, CN=c, issued by CN=strange, is signed by no CA in %s; give it one that is, or add its CA to that file"
            .formatted(folder.resolve("ca.crt")),
        refusal(trust, new Authority("strange").sign("c")));
  }

  @Test
  void whatHasExpired_orIsNotYetValid_isRefusedWithTheTime() throws Exception {
    ClientTrust trust = trusting(authority);
    Authority.Signed old = authority.sign("a", HOUR.multipliedBy(-2), HOUR.negated());
    assertEquals(
        "its certificate, CN=a, expired at %s; give it a new one"
            .formatted(old.certificate().getNotAfter().toInstant()),
        refusal(trust, old));
    Authority.Signed early = authority.sign("a", HOUR, HOUR.multipliedBy(2));
    assertEquals(
        "its certificate, CN=a, is not valid before %s; set the clocks, or give it another"
            .formatted(early.certificate().getNotBefore().toInstant()),
        refusal(trust, early));
  }

  @Test
  void aFileWithAnExpiredAuthority_isRefused() throws Exception {
    Authority old = new Authority("old", HOUR.multipliedBy(-2), HOUR.negated());
    UnusablePemException refused =
        assertThrows(UnusablePemException.class, () -> trusting(authority, old));
    assertEquals(
        "the CA of gRPC's callers, %s, holds CN=old, which expired at %s; put its successor in its place, or take it out"
            .formatted(folder.resolve("ca.crt"), old.certificate().getNotAfter().toInstant()),
        refused.getMessage());
  }

  /** Java itself believes it for ever. */
  @Test
  void anAuthorityThatExpiresLater_isBelievedUntilThen_andTheOthersGoOn() throws Exception {
    Authority brief = new Authority("brief", HOUR.negated(), HOUR);
    ClientTrust trust = trusting(authority, brief);
    Authority.Signed its = brief.sign("a");
    trust.checkClientTrusted(chain(its), "EC");
    clock.set(brief.certificate().getNotAfter().toInstant().plusMillis(1));
    assertEquals(
        "its certificate, CN=a, was signed by CN=brief of %s, which expired at %s; put its successor into that file"
            .formatted(folder.resolve("ca.crt"), brief.certificate().getNotAfter().toInstant()),
        refusal(trust, its));
    trust.checkClientTrusted(chain(authority.sign("b")), "EC");
    clock.set(authority.certificate().getNotAfter().toInstant().plusMillis(1));
    assertTrue(
        refusal(trust, authority.sign("c", HOUR.negated(), HOUR.multipliedBy(100)))
            .contains("was signed by CN=ca"));
  }

  /** So that it can be put into the file ahead of its time. */
  @Test
  void anAuthorityThatIsNotYetValid_isBelievedFromThenOn() throws Exception {
    Authority next = new Authority("next", HOUR, HOUR.multipliedBy(100));
    ClientTrust trust = trusting(authority, next);
    Authority.Signed its = next.sign("a");
    assertThrows(
        RefusedCertificateException.class, () -> trust.checkClientTrusted(chain(its), "EC"));
    clock.set(next.certificate().getNotBefore().toInstant().plusMillis(2));
    assertDoesNotThrow(() -> trust.checkClientTrusted(chain(its), "EC"));
  }

  /** Whatever a caller writes into its certificate, the log's line stays short. */
  @Test
  void aLongName_isCut() throws Exception {
    ClientTrust trust = trusting(authority);
    String refusal = refusal(trust, new Authority("x".repeat(5_000)).sign("y".repeat(5_000)));
    assertTrue(refusal.length() < 1_000, refusal);
  }
}
