package example.llm;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What docs/llm-traffic.md shows of the gateway is what runs here. */
class DocumentationTest {

  @Test
  void thePage_showsTheBudget() throws IOException {
    String page = Files.readString(Path.of("..", "..", "..", "docs", "llm-traffic.md"));
    String source = Files.readString(Path.of("src/main/java/example/llm/Budget.java"));
    String shown = source.substring(source.indexOf("import "));
    assertTrue(page.contains("```java\n" + shown + "```\n"), "Budget.java is not as it is shown");
  }
}
