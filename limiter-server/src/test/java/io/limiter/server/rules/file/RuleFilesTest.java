package io.limiter.server.rules.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.limiter.server.rules.Matching;
import io.limiter.server.rules.Rule;
import io.limiter.server.rules.table.RuleTable;
import io.limiter.server.rules.yaml.Problem;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RuleFilesTest {
  @TempDir Path directory;

  private static String domain(String name) {
    return """
    domain: %s
    rules:
      - name: all
        algorithm: fixed-window
        limit: 5
        window: 1m
    """
        .formatted(name);
  }

  private void write(String file, String text) throws IOException {
    Files.writeString(directory.resolve(file), text);
  }

  private LoadedRules load() throws IOException {
    return RuleFiles.load(directory);
  }

  private static List<String> said(LoadedRules loaded) {
    return loaded.problems().stream().map(Problem::toString).toList();
  }

  @Test
  void directory_isReadByFileName_hiddenAndOtherFilesLeftOut() throws IOException {
    write("b.yaml", domain("two"));
    write("a.yml", domain("one"));
    write(".hidden.yaml", "not: [yaml");
    write("notes.txt", "not: [yaml");
    Files.createDirectory(directory.resolve("c.yaml"));
    LoadedRules loaded = load();
    assertEquals(List.of(), said(loaded));
    assertEquals(List.of("one", "two"), List.copyOf(loaded.table().domains()));
  }

  @Test
  void configMap_isReadThroughItsLinks_once() throws IOException {
    Path data = Files.createDirectory(directory.resolve("..2026_01_01"));
    Files.writeString(data.resolve("edge.yaml"), domain("edge"));
    Files.createSymbolicLink(directory.resolve("..data"), data.getFileName());
    Files.createSymbolicLink(directory.resolve("edge.yaml"), Path.of("..data/edge.yaml"));
    LoadedRules loaded = load();
    assertEquals(List.of(), said(loaded));
    assertEquals(Set.of("edge"), loaded.table().domains());
  }

  @Test
  void badFile_contributesNothing_goodFilesDo() throws IOException {
    write("bad.yaml", domain("bad").replace("5", "five"));
    write("good.yaml", domain("good"));
    LoadedRules loaded = load();
    assertEquals(
        List.of(
            "bad.yaml:5:12: limit \"five\" is not a whole number;"
                + " use 0 to 4503599627370496 (2^52), such as 100 or 10_000"),
        said(loaded));
    assertEquals(Set.of("good"), loaded.table().domains());
  }

  @Test
  void everyProblemOfEveryFile_isSaidAtOnce() throws IOException {
    write("a.yaml", domain("a b").replace("1m", "1w"));
    write("b.yaml", domain("b").replace("fixed-window", "sliding"));
    assertEquals(3, load().problems().size());
  }

  @Test
  void domainInTwoFiles_isAProblemOfBoth() throws IOException {
    write("a.yaml", domain("edge"));
    write("b.yaml", "# the other\n" + domain("edge"));
    LoadedRules loaded = load();
    assertEquals(
        List.of(
            "a.yaml:1:9: domain \"edge\" is also in b.yaml; put all its rules in one file",
            "b.yaml:2:9: domain \"edge\" is also in a.yaml; put all its rules in one file"),
        said(loaded));
    assertEquals(Set.of(), loaded.table().domains());
  }

  @Test
  void unreadableFile_isAProblem() throws IOException {
    Files.createSymbolicLink(directory.resolve("a.yaml"), Path.of("nowhere"));
    Files.write(directory.resolve("b.yaml"), "domain: é".getBytes(StandardCharsets.ISO_8859_1));
    assertEquals(
        List.of(
            "a.yaml:1:1: cannot be read: its link leads nowhere; replace it",
            "b.yaml:1:1: cannot be read: not UTF-8; save it as UTF-8"),
        said(load()));
  }

  @Test
  void directoryThatIsNone_isRefused() throws IOException {
    write("a.yaml", "");
    assertThrows(NoSuchFileException.class, () -> RuleFiles.load(directory.resolve("absent")));
    assertThrows(NotDirectoryException.class, () -> RuleFiles.load(directory.resolve("a.yaml")));
  }

  @Test
  void faultyFile_keepsTheLastGoodTableOfItsDomain_removedFileDoesNot() throws IOException {
    write("a.yaml", domain("a"));
    write("b.yaml", domain("b"));
    write("c.yaml", domain("c"));
    RuleTable before = load().table();
    write("a.yaml", domain("a").replace("1m", "1w"));
    Files.delete(directory.resolve("b.yaml"));
    write("c.yaml", domain("c").replace("limit: 5", "limit: 7"));
    RuleTable after = load().orLastGood(before);
    assertEquals(List.of("a", "c"), List.copyOf(after.domains()));
    assertEquals(5, Matching.rules(after, "a", Map.of()).get(0).limit().limit());
    assertEquals(7, Matching.rules(after, "c", Map.of()).get(0).limit().limit());
  }

  @Test
  void byteOrderMark_isNoProblem() throws IOException {
    write("a.yaml", "\uFEFF" + domain("edge"));
    assertEquals(List.of(), said(load()));
  }

  @Test
  void samples_areAllOfTheDirectory_andInOrder() throws IOException, URISyntaxException {
    LoadedRules samples = RuleFiles.samples();
    assertEquals(List.of(), said(samples));
    Path resources = Path.of(RuleFiles.class.getResource("/sample-rules").toURI());
    assertEquals(RuleFiles.load(resources).table().domains(), samples.table().domains());
    try (Stream<Path> files = Files.list(resources)) {
      assertEquals(files.count(), samples.table().domains().size());
    }
  }

  @Test
  void demo_offersEachAlgorithmByItself() {
    RuleTable table = RuleFiles.samples().table();
    Rule perUser = Matching.rules(table, "demo", Map.of("user", "alice")).get(0);
    assertEquals("token-bucket", perUser.limit().algorithm().label());
    assertEquals(3, perUser.limit().limit());
    for (String algorithm :
        List.of("fixed-window", "sliding-log", "sliding-counter", "leaky-bucket")) {
      List<Rule> rules =
          Matching.rules(table, "demo", Map.of("visitor", "bob", "algorithm", algorithm));
      assertEquals(
          List.of(algorithm),
          rules.stream().map(rule -> rule.limit().algorithm().label()).toList());
    }
  }
}
