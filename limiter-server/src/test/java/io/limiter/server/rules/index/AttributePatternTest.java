package io.limiter.server.rules.index;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AttributePatternTest {

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "POST /login, POST /login, true",
        "POST /login, POST /login/, false",
        "POST /login, post /login, false",
        "GET /v1/*, GET /v1/, true",
        "GET /v1/*, GET /v1/users/7, true",
        "GET /v1/*, GET /v1, false",
        "*, \"\", true",
        "?, \"\", false",
        "?, a, true",
        "?, ab, false",
        "?, \uD83D\uDE00, true",
        "a?c, abc, true",
        "a*c, ac, true",
        "a*c, abcbc, true",
        "a*c, abcb, false",
        "ab*ba, aba, false",
        "ab*ba, abba, true",
        "*b*b*, abab, true",
        "*b*b*, aba, false",
        "a*?b, ab, false",
        "a*?b, axb, true",
        "**, anything, true",
        "*.example.com, a.example.com, true",
        "*.example.com, example.com, false",
        "\\*, *, true",
        "\\*, a, false",
        "\\?x, ?x, true",
        "\\!x, !x, true",
        "a!x, a!x, true",
        "\\\\, \\, true",
        "10.0.0.0/8, 10.1.2.3, true",
        "10.0.0.0/8, 11.1.2.3, false",
        "10.0.0.0/8, ::ffff:10.1.2.3, true",
        "10.0.0.0/8, 10.0.0.0/8, false",
        "10.0.0.0/8, localhost, false",
        "10.0.0.0\\/8, 10.0.0.0/8, true",
        "0.0.0.0/0, 1.2.3.4, true",
        "0.0.0.0/0, ::1, false",
        "::/0, ::1, true",
        "::/0, 1.2.3.4, false",
        "192.168.1.7/32, 192.168.1.7, true",
        "192.168.1.7/32, 192.168.1.6, false",
        "2001:db8::/32, 2001:0DB8:1::1, true",
        "2001:db8::/32, 2001:db9::1, false",
        "fe80::/10, fe80::1, true",
        "fe80::/10, fe80::1%eth0, false",
        "fe80::/10, fe80::1%lo, false",
        "10.0.0.0/8, ::FFFF:0a01:0203, true",
        "10.0.0.0/8, 010.1.2.3, false",
        "::/0, ::１, false",
        "::ffff:10.0.0.0/104, 10.9.9.9, true",
        "/8, /8, true",
        "a/8, a/8, true",
      })
  void pattern_matchesWhatItSays(String pattern, String value, boolean matches) {
    assertEquals(matches, PatternSyntax.parse(pattern).matches(value));
  }
}
