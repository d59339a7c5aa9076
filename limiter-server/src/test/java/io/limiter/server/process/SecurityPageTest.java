package io.limiter.server.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What SECURITY.md says that a test shows, a test shows that is there. */
class SecurityPageTest {
  private static final Pattern NAMED = Pattern.compile("`([A-Z][A-Za-z0-9]+(?:Test|IT))`");
  private static final Path TESTS = Path.of("src/test/java");

  @Test
  void everyTestThatItNames_isThere() throws IOException {
    Set<String> there;
    try (Stream<Path> files = Files.walk(TESTS)) {
      there =
          files
              .map(file -> String.valueOf(file.getFileName()))
              .filter(name -> name.endsWith(".java"))
              .map(name -> name.substring(0, name.length() - ".java".length()))
              .collect(Collectors.toSet());
    }
    Set<String> named = new TreeSet<>();
    NAMED
        .matcher(Documentation.page("SECURITY.md").text())
        .results()
        .forEach(match -> named.add(match.group(1)));
    assertFalse(named.isEmpty());
    assertEquals(List.of(), named.stream().filter(name -> !there.contains(name)).toList());
  }
}
