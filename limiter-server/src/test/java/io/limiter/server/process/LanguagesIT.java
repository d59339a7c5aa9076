package io.limiter.server.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The clients of docs/from-other-languages.md, made and run as the page has them, but for the port
 * and the deadline. A language whose tools are missing, or cannot install its gRPC, is skipped.
 */
@Timeout(480)
class LanguagesIT {
  private static DemoService service;

  @TempDir Path folder;

  private final Page page = Documentation.page("docs/from-other-languages.md");

  @BeforeAll
  static void serve() {
    service = DemoService.start();
  }

  @AfterAll
  static void end() {
    service.close();
  }

  @Test
  void python_asks() throws Exception {
    needs("python3");
    String venv = "target/venv";
    assumeTrue(run("python3 -m venv " + venv, "").isGood(), "python3 makes no environment");
    install("pip", venv + "/bin");
    asks("erin", "python", "client.py", "python client.py", venv + "/bin");
  }

  @Test
  void node_asks() throws Exception {
    needs("node");
    needs("npm");
    install("npm", "");
    asks("frank", "js", "client.js", "node client.js", "");
  }

  @Test
  void go_asks() throws Exception {
    needs("go");
    needs("protoc");
    install("go", "bin");
    asks("grace", "go", "main.go", "go run .", "bin");
  }

  private static void needs(String tool) {
    assumeTrue(
        Stream.of(System.getenv("PATH").split(File.pathSeparator))
            .anyMatch(path -> Files.isExecutable(Path.of(path, tool))),
        tool + " is not on the PATH");
  }

  /** Runs the page's commands that begin with this tool. */
  private void install(String tool, String path) throws Exception {
    copyProto();
    List<String> blocks =
        page.blocks("sh").stream().filter(block -> block.startsWith(tool + " ")).toList();
    assertEquals(1, blocks.size(), () -> tool + " is in " + blocks);
    String block = blocks.get(0);
    if (tool.equals("go")) {
      // The plain command tidies what the client imports.
      Files.writeString(folder.resolve("main.go"), client("go"));
    }
    Ended installed = run(block, path);
    assumeTrue(installed.isGood(), () -> tool + " could not install: " + installed.output);
  }

  private void copyProto() throws IOException {
    Path to = folder.resolve("proto/src/main/proto/limiter/v1");
    Files.createDirectories(to);
    Path from = Documentation.ROOT.resolve("proto/src/main/proto/limiter/v1/limiter.proto");
    Files.copy(from, to.resolve("limiter.proto"));
  }

  private String client(String language) {
    List<String> blocks = page.blocks(language);
    assertEquals(1, blocks.size(), language);
    return blocks
        .get(0)
        .replace("127.0.0.1:8081", service.grpc())
        .replace("timeout=0.05", "timeout=60")
        .replace("timeout=10", "timeout=60")
        .replace("Date.now() + 50 ", "Date.now() + 60_000 ")
        .replace("Date.now() + 10_000", "Date.now() + 60_000")
        .replace("50*time.Millisecond", "time.Minute");
  }

  /** The sample rules give each user three at once. */
  private void asks(String user, String language, String file, String command, String path)
      throws Exception {
    service.forget("demo", Map.of("user", user));
    Files.writeString(folder.resolve(file), client(language));
    Ended ran = run(command, path);
    assertTrue(ran.isGood(), ran.output);
    List<String> lines = ran.output.strip().lines().toList();
    assertEquals(5, lines.size(), ran.output);
    for (int i = 0; i < 3; i++) {
      assertEquals("allowed", lines.get(i), ran.output);
    }
    assertTrue(lines.get(3).startsWith("denied, retry after "), ran.output);
    assertEquals("denied", lines.get(4), ran.output);
  }

  /** How a command ended. */
  private record Ended(int code, String output) {
    boolean isGood() {
      return code == 0;
    }
  }

  /**
   * Runs commands in the folder.
   *
   * @param path before all others, relative to the folder; empty for none
   */
  private Ended run(String commands, String path) throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder("sh", "-e", "-c", commands)
            .directory(folder.toFile())
            .redirectErrorStream(true);
    Map<String, String> environment = builder.environment();
    if (!path.isEmpty()) {
      environment.merge("PATH", folder.resolve(path).toString(), (all, first) -> first + ":" + all);
    }
    environment.put("GOBIN", folder.resolve("bin").toString());
    Process process = builder.start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ended(process.waitFor(), output);
  }
}
