package io.limiter.server.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The Java that README.md and docs/ show compiles, and prints what is shown. */
@Timeout(600)
class JavaExamplesIT {
  private static final Documentation ALL = Documentation.read();

  private static final Pattern ATTRIBUTE =
      Pattern.compile("attribute\\(\"(\\w+)\", \"([^\"]+)\"\\)");

  /** Of other modules than the client's own. Their tests compile what the pages show of them. */
  private static final Pattern OF_OTHER_MODULES =
      Pattern.compile(
          "RateLimitFilter|@RateLimited|@Configuration|@SpringBootTest"
              + "|import io\\.limiter\\.client\\.(?:grpc|reactor|testing)\\.");

  /** The sample rules are in force there. */
  private static DemoService server;

  @BeforeAll
  static void start() {
    server = DemoService.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void javaExample_compilesAgainstTheClientAlone_andRuns(@TempDir Path folder) throws Exception {
    int compiled = 0;
    int run = 0;
    for (Page page : ALL.pages()) {
      for (int i = 0; i < page.blocks().size(); i++) {
        Page.Block block = page.blocks().get(i);
        boolean ours =
            (block.text().contains("LimiterClient") || !page.comparesWithOthers())
                && !OF_OTHER_MODULES.matcher(block.text()).find();
        if (block.language().equals("java") && ours) {
          Path classes = Files.createDirectory(folder.resolve("example-" + compiled));
          String main = compile(block, classes);
          compiled++;
          if (block.text().contains("void main(")) {
            Page.Block prints = page.blocks().get(i + 1);
            assertEquals("text", prints.language(), () -> prints.place() + ": what it prints");
            server.forget("demo", attributes(block.text()));
            Ran ran =
                Ran.java(
                    List.of("-cp", classes + File.pathSeparator + client(), main),
                    Documentation.ROOT);
            assertEquals(prints.text(), ran.output(), block::place);
            assertEquals(0, ran.exitCode());
            run++;
          }
        }
      }
    }
    assertTrue(compiled > 1 && run > 0);
  }

  /** Compiles an example; what is no class yet becomes one. Gives its name. */
  private static String compile(Page.Block block, Path folder) throws IOException {
    String text =
        block
            .text()
            .replace("127.0.0.1:8081", server.grpc())
            .replace("ofMillis(50)", "ofMinutes(1)")
            .replace("ofSeconds(5)", "ofMinutes(1)");
    Matcher type = Pattern.compile("(?m)^(?:public |final )*(?:class|record) (\\w+)").matcher(text);
    boolean whole = type.find();
    String name = whole ? type.group(1) : "Fragment";
    String source =
        whole
            ? text
            : """
              import io.limiter.client.*;
              import java.nio.file.*;
              import java.time.*;
              import java.util.*;
              class Fragment {
                void fragment() throws Exception {
                  %s
                }
              }
              """
                .formatted(text);
    Path file = Files.writeString(folder.resolve(name + ".java"), source);
    String[] arguments = {"-Xlint:all", "-Werror", "-cp", client(), "-d", "" + folder, "" + file};
    assertEquals(
        0, ToolProvider.getSystemJavaCompiler().run(null, null, null, arguments), block::place);
    return name;
  }

  private static Map<String, String> attributes(String example) {
    return ATTRIBUTE
        .matcher(example)
        .results()
        .collect(Collectors.toMap(found -> found.group(1), found -> found.group(2)));
  }

  /** The class path without the service. */
  private static String client() {
    String all = System.getProperty("java.class.path");
    return Arrays.stream(all.split(File.pathSeparator, -1))
        .filter(entry -> !entry.matches(".*(limiter-server|lua-scripts|logback).*"))
        .collect(Collectors.joining(File.pathSeparator));
  }
}
