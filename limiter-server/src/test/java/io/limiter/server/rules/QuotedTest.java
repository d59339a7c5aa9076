package io.limiter.server.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class QuotedTest {
  @Test
  void whatCouldForgeALine_isEscaped() {
    Map<String, String> escaped =
        Map.of(
            "a\nb", "a\\u000ab",
            "\u001b[1m", "\\u001b[1m",
            "\u0085", "\\u0085",
            "\u2028", "\\u2028",
            "\u202eabc", "\\u202eabc",
            "\ud800x", "\\ud800x",
            "\udc00", "\\udc00",
            "\udb40\udc01", "\\udb40\\udc01",
            "Zoë 日本 😀", "Zoë 日本 😀");
    escaped.forEach(
        (text, expected) -> {
          assertEquals(expected, Quoted.line(text));
          assertEquals('"' + expected + '"', Quoted.text(text));
        });
  }

  @Test
  void aHarmlessMessage_isNotCopied() {
    String message = "rules[0] \"x\" is no rule of domain \"édge\"";
    assertSame(message, Quoted.line(message));
  }

  @Test
  void anyText_isOneLine() {
    Random random = new Random(7);
    for (int i = 0; i < 20_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int length = random.nextInt(200); length > 0; length--) {
        text.append((char) (random.nextBoolean() ? random.nextInt(256) : random.nextInt(65_536)));
      }
      String all = text.toString();
      assertTrue(HostileText.isOneLine(Quoted.line(all)), all);
      assertTrue(HostileText.isOneLine(Quoted.text(all)), all);
      assertTrue(HostileText.isOneLine(Quoted.name(all)), all);
    }
    assertTrue(HostileText.isOneLine(Quoted.line(HostileText.ALL)));
  }

  @Test
  void aLongValue_isShortened() {
    assertEquals('"' + "x".repeat(100) + "\"...", Quoted.text("x".repeat(1_000_000)));
    assertEquals('"' + "x".repeat(99) + "\"...", Quoted.text("x".repeat(99) + "😀y"));
    assertEquals("n".repeat(40) + "...", Quoted.name("n".repeat(41)));
  }
}
