package io.limiter.server.rules.yaml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.nodes.MappingNode;

/** A file is given up at the first bound that it passes, and at the place where it does. */
class YamlBoundsTest {
  private static String said(String text, YamlBounds bounds) {
    Problems problems = new Problems("f");
    Optional<MappingNode> root = YamlText.read(text, problems, bounds, any -> false);
    assertEquals(root.isEmpty(), problems.count() > 0);
    List<String> said = problems.list().stream().map(Problem::toString).toList();
    assertTrue(said.size() <= 1, said::toString);
    return String.join("\n", said);
  }

  private static String said(String text) {
    return said(text, YamlBounds.WIDE);
  }

  private static String ones(int count) {
    return "a: [1" + ",1".repeat(count - 1) + "]";
  }

  @Test
  void values_areCountedAsTheyCome() {
    int beside = 3; // the mapping, its key and the list
    assertEquals("", said(ones(YamlBounds.MOST_VALUES - beside)));
    assertEquals(
        "f:1:3999999: the file has more than 2000000 values, aliases followed; use fewer aliases or"
            + " several domains",
        said(ones(YamlBounds.MOST_VALUES - beside + 1)));
  }

  @Test
  void aFileThatIsBrokenBehindItsBound_isNotReadSoFar() {
    String said = said(ones(YamlBounds.MOST_VALUES) + "\n}");
    assertTrue(said.contains("more than 2000000 values"), said);
  }

  @Test
  void aliases_areCountedAsAllTheyStandFor_andThemselves() {
    String many = "a: &a 1\nb: [" + "*a, ".repeat(YamlBounds.MOST_ALIASES);
    assertEquals("", said(many + "]"));
    assertEquals(
        "f:2:40005: the file has more than 10000 aliases; write the values out, or use several"
            + " domains",
        said(many + "*a]"));
    String large = "a: &a [" + "1, ".repeat(999) + "1]\nb: [";
    assertEquals("", said(large + "*a, ".repeat(1_900) + "]"));
    assertTrue(said(large + "*a, ".repeat(2_100) + "]").contains("more than 2000000 values"));
  }

  @Test
  void depth_countsWhatAnAliasIsDeep() {
    String deep = "[".repeat(20) + "]".repeat(20);
    assertEquals("", said("a: &a " + deep + "\nb: [[*a]]"));
    assertEquals(
        "f:2:16: nested more than 32 deep; rules need 7",
        said("a: &a " + deep + "\nb: [[[[[[[[[[[[*a]]]]]]]]]]]]"));
  }

  @Test
  void aText_hasALongestLength() {
    assertEquals("", said("a: " + "x".repeat(YamlBounds.LONGEST_SCALAR)));
    assertEquals(
        "f:1:4: a value has 65537 characters; use at most 65536",
        said("a: " + "x".repeat(YamlBounds.LONGEST_SCALAR + 1)));
  }

  @Test
  void heap_isCountedAsItIsTaken_andTheMessageSaysWhatIsEnough() {
    YamlBounds bounds = new YamlBounds(10 << 20, 7 << 20);
    assertEquals("", said(ones(70_000), bounds));
    String said = said(ones(700_000), bounds);
    assertTrue(
        said.contains(
            "the file needs about 91 MiB of heap to be read, and 10 MiB are free; remove some of"
                + " it, or start java with -Xmx376m or more"),
        said);
  }

  @Test
  void problemsBeyondTheFirstHundred_areCounted() {
    Problems problems = new Problems("f");
    for (int i = 1; i <= 5_000; i++) {
      problems.add(i, 1, "wrong");
    }
    List<Problem> list = problems.list();
    assertEquals(5_000, problems.count());
    assertEquals(101, list.size());
    assertEquals(
        "f:100:1: 4900 more problems are not shown; correct those above first",
        list.get(100).toString());
    problems.add(1, 1, "x".repeat(100_000));
    assertTrue(problems.list().stream().allMatch(problem -> problem.message().length() < 3_000));
  }

  @Test
  void aLongMessage_isCut() {
    Problems problems = new Problems("f");
    problems.add(1, 1, "x".repeat(100_000));
    assertEquals(2_001, problems.list().get(0).message().length());
  }
}
