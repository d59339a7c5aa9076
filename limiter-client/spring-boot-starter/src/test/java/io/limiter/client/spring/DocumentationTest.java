package io.limiter.client.spring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The Java that docs/spring.md shows is that of the examples here, which are compiled and run. */
class DocumentationTest {
  private static final Path PAGE = Path.of("..", "..", "docs", "spring.md");
  private static final Path EXAMPLES = Path.of("src", "test", "java", "example");

  @Test
  void everyExample_isOneOfThose() throws Exception {
    List<String> sources = new ArrayList<>();
    try (Stream<Path> files = Files.walk(EXAMPLES)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
        sources.add(Files.readString(file));
      }
    }
    Matcher block = Pattern.compile("(?s)```java\\R(.*?)```").matcher(Files.readString(PAGE));
    List<String> unknown = new ArrayList<>();
    int shown = 0;
    while (block.find()) {
      String text = block.group(1).stripTrailing();
      if (sources.stream().noneMatch(source -> source.contains(text))) {
        unknown.add(text);
      }
      shown++;
    }
    assertEquals("", String.join("\n---\n", unknown));
    assertTrue(shown > 3);
  }
}
