package io.limiter.server.access.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.server.access.KeyFiles;
import io.limiter.server.rules.yaml.Problem;
import io.limiter.server.rules.yaml.YamlBounds;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * One small file for each mistake, in {@code bad-access}. What must be said of it is written at its
 * end, in lines that begin with {@code #=}. There {@code {folder}} stands for where the file is,
 * beside files of keys that are made here.
 */
class BadAccessTest {
  private static final String EXPECTED = "#= ";

  @TempDir static Path folder;

  @BeforeAll
  static void writeKeys() throws IOException {
    KeyFiles.into(folder);
  }

  static Stream<Path> files() throws IOException, URISyntaxException {
    Path directory =
        Path.of(Objects.requireNonNull(BadAccessTest.class.getResource("/bad-access")).toURI());
    try (Stream<Path> files = Files.list(directory)) {
      return files.sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void mistake_isNamedWithItsPlaceItsBoundAndItsRemedy(Path path) throws IOException {
    String file = path.getFileName().toString();
    String all = Files.readString(path);
    Path copy =
        Files.writeString(
            folder.resolve(file),
            all.lines()
                .filter(line -> !line.startsWith(EXPECTED))
                .map(line -> line + "\n")
                .collect(Collectors.joining()));
    String expected =
        all.lines()
            .filter(line -> line.startsWith(EXPECTED))
            .map(line -> file + ":" + line.substring(EXPECTED.length()))
            .collect(Collectors.joining("\n"));
    AccessFile read = AccessFile.read(copy);
    String found =
        read.problems().stream()
            .map(Problem::toString)
            .map(said -> said.replace(folder.toString(), "{folder}"))
            .collect(Collectors.joining("\n"));
    assertEquals(expected, found);
    assertFalse(expected.isEmpty(), "nothing is expected");
    assertEquals(Optional.empty(), read.table(), "a file with problems lets nobody in");
    assertFalse(found.contains("secret-of-shop"), "what may be a secret is repeated");
  }

  @Test
  void aFileThatIsNotThere_orIsNoText_orIsTooLarge_isSaidToBe() throws IOException {
    assertEquals(
        List.of("nowhere.yaml:1:1: the file is not there; name one that is"),
        said(folder.resolve("nowhere.yaml")));
    assertEquals(
        List.of("binary.json:1:1: the file cannot be read (Input length = 1); name one in UTF-8"),
        said(folder.resolve("binary.json")));
    Path large =
        Files.writeString(folder.resolve("large.yaml"), "#".repeat(YamlBounds.MOST_BYTES + 1));
    assertEquals(
        List.of(
            "large.yaml:1:1: the file has %d bytes; use at most %d"
                .formatted(YamlBounds.MOST_BYTES + 1, YamlBounds.MOST_BYTES)),
        said(large));
    Files.delete(large);
  }

  @Test
  void aFileThatMayNotBeRead_isSaidToBe() throws IOException {
    Path file = Files.writeString(folder.resolve("closed.yaml"), "callers: []\n");
    assertTrue(file.toFile().setReadable(false));
    // Whoever runs as root reads it all the same.
    if (!Files.isReadable(file)) {
      assertEquals(
          List.of("closed.yaml:1:1: the file may not be read by this user; allow it"), said(file));
    }
  }

  @Test
  void moreCallersThanMayBe_areRefused() throws IOException {
    StringBuilder many = new StringBuilder("callers:\n");
    for (int i = 0; i <= AccessFile.MOST; i++) {
      many.append("- { name: c%d, users: [%d], grants: [] }\n".formatted(i, i));
    }
    Path file = Files.writeString(folder.resolve("many.yaml"), many);
    assertEquals(
        List.of("many.yaml:10002:3: callers has 10001 entries; use at most 10000"), said(file));
  }

  private static List<String> said(Path file) {
    return AccessFile.read(file).problems().stream().map(Problem::toString).toList();
  }
}
