package io.limiter.server.key;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.server.key.DescriptorCounter.Part;
import io.limiter.server.rules.RateUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * The keys of descriptors to the letter: counters that live in Redis are lost when a key changes.
 */
class DescriptorKeysTest {
  private static final List<String> UNITS =
      Arrays.stream(RateUnit.values()).map(unit -> unit.name().toLowerCase(Locale.ROOT)).toList();

  private static String key(String ownUnit, Part... parts) {
    return CounterKeys.descriptor("edge", new DescriptorCounter(List.of(parts), ownUnit));
  }

  private static Part apart(String key, String value) {
    return new Part(key, value, /* shared= */ false);
  }

  private static Part shared(String key, String wildcard) {
    return new Part(key, wildcard, /* shared= */ true);
  }

  @Test
  void everyKey_isPinned() {
    assertEquals("limiter:{edge|feeb8efc}:@:f:path=/a", key("", apart("path", "/a")));
    assertEquals(
        "limiter:{edge|65957721}:@:f:path=/a:user=u",
        key("", apart("path", "/a"), apart("user", "u")));
    assertEquals("limiter:{edge|6939b30d}:@:f:file~f/*", key("", shared("file", "f/*")));
    assertEquals("limiter:{edge|07884a98}:@minute:f:user=", key("minute", apart("user", "")));
    assertEquals("limiter:{edge|0dc644a9}:@year:f", key("year"));
  }

  @Test
  void everyPart_isEscaped_alsoTheDomain() {
    assertEquals(
        "limiter:{a%20b/c%3Ad|18c4f0b0}:@:f:k%3D=v%3A:%7E=%7E",
        CounterKeys.descriptor(
            "a b/c:d", new DescriptorCounter(List.of(apart("k=", "v:"), apart("~", "~")), "")));
  }

  @Test
  void anAddress_isAText() {
    assertNotEquals(key("", apart("ip", "2001:db8::1")), key("", apart("ip", "2001:db8::2")));
  }

  @Test
  void aLongValue_isHashed() {
    assertTrue(key("", apart("k", "x".repeat(65))).endsWith(":f:k=#lTfF_fEgSC99WNJentWD9Q"));
  }

  @Test
  void differentCounters_neverShareAKey() {
    long seed = 20_261;
    Random random = new Random(seed);
    Map<String, List<Object>> seen = new HashMap<>();
    for (int i = 0; i < 200_000; i++) {
      List<Part> parts = new ArrayList<>();
      for (int count = random.nextInt(4); count > 0; count--) {
        parts.add(new Part(text(random), text(random), random.nextInt(3) == 0));
      }
      String ownUnit = random.nextInt(3) == 0 ? UNITS.get(random.nextInt(UNITS.size())) : "";
      String domain = text(random);
      DescriptorCounter counter = new DescriptorCounter(parts, ownUnit);
      String key = CounterKeys.descriptor(domain, counter);
      List<Object> identity = List.of(domain, counter);
      List<Object> other = seen.put(key, identity);
      if (other != null) {
        assertEquals(identity, other, () -> "seed " + seed + ": " + key);
      }
    }
    assertTrue(seen.size() > 50_000, "keys: " + seen.size());
  }

  /** Short texts of few letters, most of which mean something in a key. */
  private static String text(Random random) {
    StringBuilder text = new StringBuilder();
    for (int length = random.nextInt(3); length > 0; length--) {
      text.append("a:%|{}#~=@f*".charAt(random.nextInt(12)));
    }
    return text.toString();
  }
}
