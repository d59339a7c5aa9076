package io.limiter.server.rules.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

class WhenIndexTest {
  private static final int MANY = 10_000;

  private static final List<String> PATTERNS =
      List.of(
          "a",
          "b",
          "ab",
          "*",
          "a*",
          "ab*",
          "*b",
          "*a*",
          "a*b",
          "a?b",
          "?",
          "!a",
          "!a*",
          "!*b",
          "10.0.0.0/8",
          "10.1.0.0/16",
          "10.1.2.3/32",
          "!10.1.0.0/16",
          "::/0",
          "fd00::/8",
          "");
  private static final List<String> VALUES =
      List.of(
          "a",
          "b",
          "ab",
          "abb",
          "ba",
          "c",
          "",
          "10.1.2.3",
          "10.2.0.1",
          "::ffff:10.1.2.3",
          "fd00::1",
          "11.0.0.1");
  private static final List<String> ATTRIBUTES = List.of("p", "q", "r", "s");

  private static Condition condition(String attribute, String... patterns) {
    Set<AttributePattern> wanted = new LinkedHashSet<>();
    Set<AttributePattern> unwanted = new LinkedHashSet<>();
    for (String pattern : patterns) {
      (PatternSyntax.negated(pattern) ? unwanted : wanted).add(PatternSyntax.parse(pattern));
    }
    return new Condition(attribute, wanted, unwanted);
  }

  private static WhenIndex<Integer> index(int count, IntFunction<When> when) {
    List<WhenIndex.Entry<Integer>> entries = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      entries.add(new WhenIndex.Entry<>(i, when.apply(i), i));
    }
    return new WhenIndex<>(entries);
  }

  private static When when(Condition... conditions) {
    return new When(List.of(conditions));
  }

  /** What the patterns mean, said without an index. */
  private static boolean plainly(
      Map<String, List<String>> conditions, Map<String, String> request) {
    for (var condition : conditions.entrySet()) {
      String value = request.get(condition.getKey());
      boolean wants = false;
      boolean hit = false;
      boolean barred = false;
      for (String text : condition.getValue()) {
        boolean matches = value != null && PatternSyntax.parse(text).matches(value);
        if (PatternSyntax.negated(text)) {
          barred |= matches;
        } else {
          wants = true;
          hit |= matches;
        }
      }
      if (barred || (wants && !hit)) {
        return false;
      }
    }
    return true;
  }

  @Test
  void index_findsWhatAScanFinds() {
    for (int seed = 0; seed < 600; seed++) {
      Random random = new Random(seed);
      List<Map<String, List<String>>> written = new ArrayList<>();
      int count = random.nextInt(60);
      for (int i = 0; i < count; i++) {
        written.add(conditions(random));
      }
      WhenIndex<Integer> index =
          index(
              count,
              i ->
                  new When(
                      written.get(i).entrySet().stream()
                          .map(c -> condition(c.getKey(), c.getValue().toArray(new String[0])))
                          .toList()));
      for (int question = 0; question < 10; question++) {
        Map<String, String> request = request(random);
        List<Integer> expected = new ArrayList<>();
        for (int i = 0; i < count; i++) {
          if (plainly(written.get(i), request)) {
            expected.add(i);
          }
        }
        String trace = "seed " + seed + " request " + request;
        assertEquals(expected, index.all(request), trace);
        assertEquals(expected.isEmpty() ? null : expected.get(0), index.first(request), trace);
      }
    }
  }

  private static Map<String, List<String>> conditions(Random random) {
    Map<String, List<String>> conditions = new HashMap<>();
    int attributes = random.nextInt(4);
    for (int i = 0; i < attributes; i++) {
      List<String> patterns = new ArrayList<>();
      int count = 1 + random.nextInt(random.nextInt(10) == 0 ? 20 : 3);
      for (int k = 0; k < count; k++) {
        patterns.add(PATTERNS.get(random.nextInt(PATTERNS.size())));
      }
      conditions.put(ATTRIBUTES.get(random.nextInt(ATTRIBUTES.size())), patterns);
    }
    return conditions;
  }

  private static Map<String, String> request(Random random) {
    Map<String, String> request = new HashMap<>();
    for (String attribute : ATTRIBUTES) {
      if (random.nextInt(4) > 0) {
        request.put(attribute, VALUES.get(random.nextInt(VALUES.size())));
      }
    }
    if (random.nextBoolean()) {
      request.put("other", "a");
    }
    return request;
  }

  private static void assertFew(WhenIndex<Integer> index, String... request) {
    Map<String, String> attributes = new HashMap<>();
    for (int i = 0; i < request.length; i += 2) {
      attributes.put(request[i], request[i + 1]);
    }
    Search search = index.search(attributes);
    int visits = search.visits();
    assertTrue(
        !search.foundNone() && visits <= 10, () -> Arrays.toString(request) + " visits " + visits);
  }

  @Test
  void manyExactValues_costAFewVisits() {
    assertFew(index(MANY, i -> when(condition("user", "u" + i))), "user", "u77");
  }

  @Test
  void manyValuesBesideACommonOne_costAFewVisits() {
    WhenIndex<Integer> index =
        index(MANY, i -> when(condition("endpoint", "GET /"), condition("tenant", "t" + i)));
    assertFew(index, "endpoint", "GET /", "tenant", "t77");
  }

  @Test
  void manyValuesBehindMoreCommonOnesThanTheIndexIsDeep_costAFewVisits() {
    WhenIndex<Integer> index =
        index(
            MANY,
            i ->
                when(
                    condition("a", "x"),
                    condition("b", "x"),
                    condition("c", "x"),
                    condition("d", "x"),
                    condition("e", "x"),
                    condition("tenant", "t" + i)));
    assertFew(index, "a", "x", "b", "x", "c", "x", "d", "x", "e", "x", "tenant", "t77");
  }

  @Test
  void manyPairs_costAFewVisits() {
    WhenIndex<Integer> index =
        index(MANY, i -> when(condition("p", "p" + i / 100), condition("q", "q" + i % 100)));
    assertFew(index, "p", "p12", "q", "q34");
  }

  @Test
  void manyLists_costAFewVisits() {
    WhenIndex<Integer> index =
        index(MANY, i -> when(condition("user", "a" + i, "b" + i, "c" + i + "*", "!x")));
    assertFew(index, "user", "b77");
    assertFew(index, "user", "c77");
  }

  @Test
  void manyNetworks_costAFewVisits() {
    WhenIndex<Integer> index =
        index(
            MANY,
            i ->
                when(
                    condition(
                        "ip",
                        "10.%d.%d.0/24".formatted(i / 256, i % 256),
                        "2001:db8:%x::/48".formatted(i))));
    assertFew(index, "ip", "10.3.77.5");
    assertFew(index, "ip", "2001:db8:4d::1");
  }

  @Test
  void manyGlobs_costAFewVisits() {
    assertFew(
        index(MANY, i -> when(condition("path", "/service-" + i + "/*"))), "path", "/service-77/x");
    assertFew(
        index(MANY, i -> when(condition("host", "*.c" + i + ".example"))), "host", "a.c77.example");
    assertFew(
        index(MANY, i -> when(condition("path", "/users/*/item-" + i))),
        "path",
        "/users/7/item-77");
  }

  @Test
  void manyKeyAttributes_costAFewVisits() {
    assertFew(index(MANY, i -> when(Condition.present("a" + i))), "a77", "x");
  }

  @Test
  void requestThatNothingIsFor_visitsTheRootAlone() {
    WhenIndex<Integer> index =
        index(MANY, i -> when(condition("endpoint", "GET /"), Condition.present("user")));
    assertEquals(1, index.search(Map.of("endpoint", "PUT /", "user", "u")).visits());
    assertEquals(MANY, index.all(Map.of("endpoint", "GET /", "user", "u")).size());
  }
}
