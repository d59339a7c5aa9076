package io.limiter.server.rules.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.server.rules.Domain;
import io.limiter.server.rules.RulesUnreadableException;
import io.limiter.server.rules.table.RuleTable;
import io.limiter.server.rules.yaml.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which files of a directory are read: Envoy's configurations under any name, as its service. */
class AnyFileTest {
  @TempDir Path directory;

  private void write(String file, String text) throws IOException {
    Path path = directory.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  private static String envoys(String domain) {
    return "domain: %s\ndescriptors: [{ key: a, rate_limit: { unit: day } }]\n".formatted(domain);
  }

  private static String ours(String domain) {
    return "domain: %s\nrules: []\n".formatted(domain);
  }

  private Set<String> domains() throws IOException {
    LoadedRules loaded = RuleFiles.load(directory);
    assertEquals(List.of(), loaded.problems());
    return new TreeSet<>(loaded.table().domains());
  }

  private List<String> leftOut() throws IOException {
    return RuleFiles.load(directory).leftOut().stream().map(LoadedRules.LeftOut::toString).toList();
  }

  @Test
  void envoysConfigurations_areReadUnderAnyName_andInFoldersBelow() throws IOException {
    write("plain.yaml", envoys("plain"));
    write("conf", envoys("conf"));
    write("a.json", "{\"domain\": \"json\", \"descriptors\": []}");
    write(".hidden.yaml", envoys("hidden"));
    write("team/a/limits.yaml", envoys("nested"));
    write(".dot/limits.cfg", envoys("dotfolder"));
    assertEquals(Set.of("plain", "conf", "json", "hidden", "nested", "dotfolder"), domains());
    assertEquals(List.of(), leftOut());
    assertEquals("team/a/limits.yaml", RuleFiles.load(directory).table().file("nested"));
  }

  @Test
  void whatIsNotRead_isNamed_withTheReason() throws IOException {
    write("edge.yaml", ours("edge"));
    write("README.md", "# Rules\n");
    write("old/edge.yaml", ours("edge"));
    write(".edge.yaml.swp", "b0VIM\0domain");
    write("edge.yaml.bak", ours("edge"));
    write("copy.conf", envoys("edge"));
    Files.createSymbolicLink(directory.resolve("gone"), Path.of("nowhere"));
    Files.createSymbolicLink(directory.resolve("round"), directory);
    assertEquals(Set.of("edge"), domains());
    String rules =
        ": rules are read from *.yaml and *.yml in the directory itself; move or rename it";
    assertEquals(
        List.of(
            ".edge.yaml.swp: not YAML: character U+0000 is not allowed; remove it",
            "README.md: it names no domain",
            "copy.conf: its domain \"edge\" is in edge.yaml; use another domain, or remove one",
            "edge.yaml.bak" + rules,
            "gone: cannot be read: its link leads nowhere; replace it",
            "old/edge.yaml" + rules,
            "round: leads to a folder that is read already"),
        leftOut().stream().sorted().toList());
  }

  @Test
  void aConfigMapsOwnFolders_areNotReadTwice_norNamed() throws IOException {
    write("..2026_01_01/sub/nested.yaml", envoys("nested"));
    write("..2026_01_01/edge.conf", envoys("edge"));
    Files.createSymbolicLink(directory.resolve("..data"), Path.of("..2026_01_01"));
    Files.createSymbolicLink(directory.resolve("edge.conf"), Path.of("..data/edge.conf"));
    Files.createSymbolicLink(directory.resolve("sub"), Path.of("..data/sub"));
    assertEquals(Set.of("edge", "nested"), domains());
    assertEquals(List.of(), leftOut());
  }

  @Test
  void aConfigurationOfAnotherName_thatIsBad_isAProblem() throws IOException {
    write("limits", "domain: edge\ndescriptors:\n- { key: a, rate_limit: { unit: eon } }\n");
    write("broken", "domain: web\ndescriptors: [\n");
    LoadedRules loaded = RuleFiles.load(directory);
    assertEquals(
        List.of("broken", "limits"), loaded.problems().stream().map(Problem::file).toList());
  }

  @Test
  void twoFilesOfOneDomain_areAProblemOfBoth_ifNoNameSaysWhichIsMeant() throws IOException {
    write("a", envoys("edge"));
    write("b", envoys("edge"));
    assertEquals(2, RuleFiles.load(directory).problems().size());
  }

  @Test
  void aDomainWhoseFileCannotBeRead_isNotUnknown_butFails() throws IOException {
    write("good.yaml", ours("good"));
    write("bad.yaml", "domain: bad\nrules: [{}]\n");
    write("broken.yaml", "domain: broken # so\nrules: [\n");
    RuleTable table = RuleFiles.load(directory).table();
    assertTrue(table.domain("good") instanceof Domain.OfRules);
    assertTrue(table.domain("other") instanceof Domain.Unknown);
    for (String domain : List.of("bad", "broken")) {
      RulesUnreadableException refused =
          assertThrows(RulesUnreadableException.class, () -> table.domain(domain));
      assertEquals(
          "domain \"%1$s\" has no rules in force, for \"%1$s.yaml\" has problems; correct the file, see /rules"
              .formatted(domain),
          refused.getMessage());
    }
  }

  @Test
  void aFileThatIsLeftOutNow_keepsTheDomainThatItHeld() throws IOException {
    write("limits.conf", envoys("edge"));
    RuleTable before = RuleFiles.load(directory).table();
    write("limits.conf", "");
    assertEquals(Set.of("edge"), RuleFiles.load(directory).orLastGood(before).domains());
    Files.delete(directory.resolve("limits.conf"));
    assertEquals(Set.of(), RuleFiles.load(directory).orLastGood(before).domains());
  }
}
