package io.limiter.server.rules.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever may change what is read shows in a listing, and nothing else does. */
class ListingTest {
  @TempDir Path place;

  private Path rules = Path.of("");
  private Path file = Path.of("");

  @BeforeEach
  void write() throws IOException {
    rules = Files.createDirectory(place.resolve("rules"));
    file = Files.writeString(rules.resolve("a.yaml"), "domain: a");
  }

  private interface Change {
    void make() throws IOException;
  }

  /**
   * The clock that dates changes of a file is coarse. What comes after it has moved on is dated
   * differently.
   */
  private void laterThanTheClockIsCoarse() throws IOException {
    Path probe = Files.writeString(place.resolve("probe"), "");
    Object first = Files.getAttribute(probe, "lastModifiedTime");
    while (Files.getAttribute(probe, "lastModifiedTime").equals(first)) {
      Files.writeString(probe, "");
    }
  }

  private void shows(Change change) throws IOException {
    Listing before = Listing.of(rules);
    laterThanTheClockIsCoarse();
    change.make();
    assertNotEquals(before, Listing.of(rules));
  }

  private void showsNot(Change change) throws IOException {
    Listing before = Listing.of(rules);
    laterThanTheClockIsCoarse();
    change.make();
    assertEquals(before, Listing.of(rules));
  }

  @Test
  void textOfTheSameLengthUnderTheOldTime_shows() throws IOException {
    FileTime then = Files.getLastModifiedTime(file);
    shows(
        () -> {
          Files.writeString(file, "domain: b");
          Files.setLastModifiedTime(file, then);
        });
  }

  @Test
  void whoMayRead_shows() throws IOException {
    shows(() -> Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("---------")));
  }

  @Test
  void aFileThatIsALinkToElsewhere_showsWhatHappensThere() throws IOException {
    Path elsewhere = Files.createDirectory(place.resolve("elsewhere"));
    Path target = Files.writeString(elsewhere.resolve("x"), "domain: x");
    Files.createSymbolicLink(rules.resolve("x.yaml"), target);
    assertTrue(Listing.of(rules).folders().contains(elsewhere.toRealPath()));
    shows(() -> Files.writeString(target, "domain: y"));
    shows(() -> Files.delete(target));
    shows(() -> Files.writeString(target, "domain: x"));
  }

  @Test
  void aDirectoryThatIsALink_showsItsSwap_alsoBetweenEmptyOnes() throws IOException {
    Path one = Files.createDirectory(place.resolve("one"));
    Path two = Files.createDirectory(place.resolve("two"));
    rules = Files.createSymbolicLink(place.resolve("current"), one);
    shows(
        () -> {
          Files.delete(rules);
          Files.createSymbolicLink(rules, two);
        });
    assertEquals(Set.of(two.toRealPath()), Listing.of(rules).folders());
  }

  @Test
  void aDirectoryThatGoes_shows() throws IOException {
    shows(() -> Files.move(rules, place.resolve("away")));
    assertEquals(Set.of(), Listing.of(rules).folders());
    showsNot(() -> {});
  }

  @Test
  void whatHoldsNoRules_doesNotShow() throws IOException {
    showsNot(
        () -> {
          Files.createDirectory(rules.resolve("folder.yaml"));
          Files.createDirectory(rules.resolve("..data"));
          Files.writeString(rules.resolve("..data/a.yaml"), "x");
          Files.writeString(rules.resolve("..b.yaml"), "x");
        });
  }

  @Test
  void aFileOfAnyName_shows_alsoInAFolderBelow() throws IOException {
    shows(() -> Files.writeString(rules.resolve("notes.txt"), "x"));
    shows(() -> Files.writeString(rules.resolve(".hidden"), "x"));
    Files.createDirectories(rules.resolve("sub/folder"));
    shows(() -> Files.writeString(rules.resolve("sub/folder/limits"), "x"));
    Path folder = rules.resolve("sub/folder").toRealPath();
    assertEquals(true, Listing.of(rules).folders().contains(folder));
  }
}
