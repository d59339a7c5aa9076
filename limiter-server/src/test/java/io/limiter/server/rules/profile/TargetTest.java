package io.limiter.server.rules.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** No way to write a path leads past a limit on it. */
class TargetTest {
  @ParameterizedTest
  @CsvSource({
    "/login, /login",
    "/login/, /login/",
    "//login, /login",
    "/a//b///c, /a/b/c",
    "/./login, /login",
    "/a/../login, /login",
    "/a/b/../../login, /login",
    "/../../login, /login",
    "/a/.., /",
    "/a/., /a/",
    "/.login/..x, /.login/..x",
    "/%6Cogin, /login",
    "/%6cogin, /login",
    "/a%2Fb, /a/b",
    "/a/%2e%2E/login, /login",
    "/%2f/login, /login",
    // Once, and not twice.
    "/%256Cogin, /%6Cogin",
    "/%252e%252e/login, /%2e%2e/login",
    // What is no escape stays.
    "/100%, /100%",
    "/%zz/%4, /%zz/%4",
    "/%C3%A9, /é",
    "/%ff, /\uFFFD",
    "/login?a=/x/../y, /login",
    "/login#x?y, /login",
    "/a%3Fb, /a?b",
    "http://host/login?x, /login",
    "https://host, /",
    "https://host?x=/y, /",
    "'', /",
    "*, /*",
    "login, /login",
    "?x, /",
  })
  void aPath_isNormal(String uri, String path) {
    assertEquals(path, Target.of(uri).path());
  }

  /** As a header holds it: one character for each byte. */
  @Test
  void bytesThatAreNotEscaped_areReadAsThoseThatAre() {
    String raw = new String("/é".getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    assertEquals("/é", Target.of(raw).path());
    assertEquals(
        "é", Target.of("/?" + raw.substring(1) + "=x&u=" + raw.substring(1)).parameter("u"));
  }

  @Test
  void otherWaysToWriteAPath_areThePath() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      StringBuilder other = new StringBuilder();
      for (String segment : new String[] {"api", "Users", "a.b~c", ".well-known"}) {
        other.append(
            switch (random.nextInt(6)) {
              case 0 -> "//";
              case 1 -> "/./";
              case 2 -> "/x/../";
              case 3 -> "%2F";
              case 4 -> "/%2e/y/%2E./";
              default -> "/";
            });
        for (int at = 0; at < segment.length(); at++) {
          char c = segment.charAt(at);
          other.append(random.nextInt(4) == 0 ? "%" + Integer.toHexString(c) : String.valueOf(c));
        }
      }
      String uri = other.toString();
      assertEquals(
          "/api/Users/a.b~c/.well-known", Target.of(uri).path(), () -> "seed " + seed + ", " + uri);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "/a/b/c, 1, a",
    "/a/b/c, 3, c",
    "/a/b/c, 4, ",
    "//a%2Fb, 2, b",
    "/a/../b, 1, b",
    "/, 1, ''",
    "/a/, 2, ''",
  })
  void aSegment(String uri, int number, String segment) {
    assertEquals(segment, Target.of(uri).segment(number));
  }

  @ParameterizedTest
  @CsvSource({
    "/?key=1&key=2, 1",
    "/?other=1&key=2, 2",
    "/?k%65y=a%20b, a b",
    "/?key=a+b, a b",
    "/?key=a%2Bb, a+b",
    "/?key=100%, 100%",
    "/?key=a=b, a=b",
    "/?key, ''",
    "/?&&key=1, 1",
    "/?keys=1&ke=2, ",
    "/key=1, ",
    "/#?key=1, ",
    "/?key=1#key=2, 1",
    "http://h/?key=1, 1",
  })
  void aParameter(String uri, String value) {
    assertEquals(value, Target.of(uri).parameter("key"));
  }
}
