package io.limiter.server.store.endpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedisEndpointTest {
  @TempDir Path temp;

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "redis://h; redis://h:6379",
        "REDIS://h:7; redis://h:7",
        "rediss://h/; rediss://h:6379",
        "redis://10.0.0.1:7000/3; redis://10.0.0.1:7000/3",
        "redis://[::1]:7000; redis://[::1]:7000",
        "redis://redis_1.shop-2:6379/0; redis://redis_1.shop-2:6379",
        "redis://u:p@h; redis://h:6379",
        "redis://:p%40@h:1; redis://h:1",
        "redis-sentinel://h#main; redis-sentinel://h:26379#main",
        "rediss-sentinel://u:p@a,b:7,[::1]/3#my.main; rediss-sentinel://a:26379,b:7,[::1]:26379/3#my.main",
        "redis-cluster://u:p@a,b:7,[::1]; redis-cluster://a:6379,b:7,[::1]:6379",
        "rediss-cluster://a/0; rediss-cluster://a:6379",
        "redis-socket:///run/redis.sock; redis-socket:///run/redis.sock",
        "redis-socket://u:p@/run/a%40b%25%20c.sock?database=3; redis-socket:///run/a@b% c.sock?database=3",
        "redis-socket:///run/redis.sock?database=0; redis-socket:///run/redis.sock"
      })
  void aUri_isRead_andShownWithoutUserAndPassword(String uri, String shown) {
    assertEquals(shown, RedisEndpoint.parse(uri).toString());
  }

  @ParameterizedTest
  @CsvSource({
    "redis://u:p@h, u, p",
    "redis://:p@h, '', p",
    "redis://p@h, '', p",
    "redis://u:a:b@h, u, a:b",
    "redis://u%3A:%40%2F%3A%23%25+%20@h, u:, '@/:#%+ '"
  })
  void userAndPassword_areUnescaped(String uri, String user, String password) throws IOException {
    Credentials.Login login = RedisEndpoint.parse(uri).credentials().current().orElseThrow();
    assertEquals(user, login.user().orElse(""));
    assertEquals(password, login.password());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "redis://:s3@cret@h",
        "redis://:s3#cret@h",
        "redis://:s3/cret@h",
        "redis://:s3?cret@h",
        "redis://:s3%cret@h",
        "redis://:s3 cret@h",
        "redis://u:s3[cret]@h:6379/0",
        "redis://:s3\u00e9cret@h",
        "http://me:s3/cret@h",
        "redis://me:s3cret",
        "redis://me:s3cret:6379",
        "redis://:s3cret/h:6379",
        "redis://h:6379/s3cret",
        "redis://h:6379?password=s3cret",
        "redis://h:6379#s3cret",
        "redis:s3cret",
        "s3cret",
        "redis://[s3cret]:6379",
        "redis://[::1%s3cret]:6379",
        "redis://s3\ncret@h",
        "redis://:@h/s3cret",
        "redis://u:@s3cret",
        "redis://[s3cret",
        "redis-sentinel://:s3#cret@h#main",
        "redis-sentinel://me:s3cret,h#main",
        "redis-sentinel://h,s3 cret#main",
        "redis-sentinel://h#s3 cret",
        "redis-sentinel://h/s3cret#main",
        "redis-sentinel://h?password=s3cret#main",
        "redis-cluster://:s3,cr#et@h",
        "redis-cluster://me:s3cret,h",
        "redis-cluster://h/s3cret",
        "redis-cluster://h#s3cret",
        "redis-socket://s3cret/h.sock",
        "redis-socket://:s3/cret@/h.sock",
        "redis-socket:///h.sock?password=s3cret",
        "redis-socket:///h.sock?database=s3cret",
        "redis-socket:///s3%cret",
        "redis-socket:///s3cret/",
        "rediss-socket:///s3cret",
        "unix:///s3cret"
      })
  void whatIsRefused_isNotRepeated(String uri) {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> RedisEndpoint.parse(uri));
    String message = String.valueOf(refused.getMessage());
    for (String piece : new String[] {"s3", "cret", "me:"}) {
      assertFalse(message.contains(piece), message);
    }
  }

  @Test
  void anUnescapedPassword_isAnsweredWithHowToEscapeIt() {
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class, () -> RedisEndpoint.parse("redis://:a#b@h:6379"));
    assertEquals(
        "has a user or password with characters that must be escaped; write %40 for @, %23 for #,"
            + " %2F for /, %3F for ?, %25 for %, %20 for a space, or put the password into a file"
            + " and name that with --redis-password-file",
        refused.getMessage());
  }

  /** Escaped as the message says, every password is taken; and never shown. */
  @Test
  void anyPasswordThatIsEscaped_isTaken() throws IOException {
    Random random = new Random(7);
    for (int i = 0; i < 10_000; i++) {
      StringBuilder password = new StringBuilder("~");
      for (int n = random.nextInt(20); n >= 0; n--) {
        password.append((char) (33 + random.nextInt(94)));
      }
      String escaped = URLEncoder.encode(password.toString(), StandardCharsets.UTF_8);
      RedisEndpoint endpoint = RedisEndpoint.parse("redis://u:" + escaped + "@h:1");
      assertEquals(password.toString(), endpoint.credentials().current().orElseThrow().password());
      assertFalse((endpoint + "" + endpoint.credentials()).contains(password), password::toString);
    }
  }

  /**
   * Whatever is taken, what is looked up is the host that was meant: never a piece of a password.
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "redis://; good.host:1",
        "redis-sentinel://; good.host:1,other.host:2#main",
        "redis-cluster://; good.host:1,other.host:2",
        "redis-socket://; /run/good.sock"
      })
  void noPieceOfAPassword_becomesTheHost(String scheme, String place) {
    Random random = new Random(11);
    String letters = "@#/?%:[]\\ ;&=+$,!'()*-._~aZ9\u0130";
    for (int i = 0; i < 100_000; i++) {
      StringBuilder password = new StringBuilder();
      for (int n = random.nextInt(9); n >= 0; n--) {
        password.append(letters.charAt(random.nextInt(letters.length())));
      }
      try {
        RedisEndpoint endpoint = RedisEndpoint.parse(scheme + "u:" + password + "@" + place);
        assertEquals(scheme + place, endpoint.address(), password::toString);
      } catch (IllegalArgumentException refused) {
        // So nothing is looked up.
      }
    }
  }

  /** A database of another number would be counted in by nobody else. */
  @Test
  void aCluster_hasTheDatabase0Alone() {
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class, () -> RedisEndpoint.parse("redis-cluster://a,b/1"));
    assertEquals(
        "has a database behind the slash, and a Cluster has 0 alone; leave it out",
        refused.getMessage());
  }

  @Test
  void aSocketsPath_isNoLongerThanTheSystemTakes() {
    String longest = "/" + "x".repeat(106);
    assertEquals(
        new RedisPlace.Socket(Path.of(longest)),
        RedisEndpoint.parse("redis-socket://" + longest).place());
    assertThrows(
        IllegalArgumentException.class,
        () -> RedisEndpoint.parse("redis-socket://" + longest + "x"));
  }

  @Test
  void files_areReadAgainEachTime() throws IOException {
    Path user = Files.writeString(temp.resolve("user"), "first\n");
    Path password = Files.writeString(temp.resolve("password"), "one: #@/\r\n");
    Credentials files = new Credentials.Files(Optional.empty(), user, password);
    assertEquals(
        new Credentials.Login(Optional.of("first"), "one: #@/"), files.current().orElseThrow());
    Files.writeString(user, "second");
    Files.writeString(password, "two");
    assertEquals(
        new Credentials.Login(Optional.of("second"), "two"), files.current().orElseThrow());
  }

  @ParameterizedTest
  @CsvSource({
    "'', is empty; write the password into it",
    "'a\nb\n', holds more than one line; write only the password into it"
  })
  void aFileThatHoldsNoSecret_isNamed_andNotShown(String content, String why) throws IOException {
    Path file = Files.writeString(temp.resolve("password"), content);
    Credentials files = new Credentials.Files(Optional.empty(), null, file);
    IOException refused = assertThrows(IOException.class, files::current);
    assertEquals("the file of Redis's password, %s, %s".formatted(file, why), refused.getMessage());
  }

  @Test
  void aFileWithoutCertificate_isNoCa() throws IOException {
    Path file = Files.writeString(temp.resolve("ca.pem"), "not one\n");
    IOException refused = assertThrows(IOException.class, () -> TrustedCertificates.check(file));
    assertTrue(
        String.valueOf(refused.getMessage())
            .endsWith(
                "ca.pem holds no certificate; name a PEM file," + " with BEGIN CERTIFICATE in it"),
        refused::getMessage);
  }
}
