package io.limiter.server.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code bin/limiter}: finds Java and the program, and becomes the program. */
@Timeout(300)
class LauncherIT {
  private static final Path SCRIPT = Documentation.ROOT.resolve("bin/limiter");
  private static final String JAVA_HOME = System.getProperty("java.home");
  private static final String SHARED = "shared objects file (top)";

  /** A question that nobody answers. It loads what a question loads, and ends with 2. */
  private static final List<String> QUESTION =
      List.of("check", "--domain", "d", "--target", "127.0.0.1:1");

  @TempDir Path folder;

  /** A command that ended. */
  private record Ran(int exitCode, String output, String errors) {}

  @BeforeEach
  void needsAShell() {
    assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "needs a POSIX shell");
  }

  @Test
  void command_runsThroughLinks_fromAnywhere() throws Exception {
    Path link = Files.createSymbolicLink(folder.resolve("limiter"), SCRIPT);
    Path again = Files.createSymbolicLink(folder.resolve("again"), Path.of("limiter"));
    Ran version = run(again, cached(), "--version");
    assertEquals(0, version.exitCode(), version::toString);
    assertTrue(Files.isSymbolicLink(link));
    Ran unanswered = run(again, cached(), QUESTION.toArray(String[]::new));
    assertEquals(2, unanswered.exitCode(), unanswered::toString);
    assertEquals("", unanswered.output());
    assertEquals(1, unanswered.errors().lines().count(), unanswered::errors);
  }

  @Test
  void signal_reachesTheService() {
    String rules = Documentation.ROOT.resolve("deploy/rules").toString();
    try (ServerProcess server =
        ServerProcess.by(
            List.of(SCRIPT.toString()),
            environment("off"),
            "--redis",
            "redis://127.0.0.1:1",
            "--rules",
            rules)) {
      assertEquals(143, server.stop());
      assertTrue(server.log().contains("Shut down"), server::log);
    }
  }

  @Test
  void java_isNamedWhenItIsMissingOrOld() throws Exception {
    Path old = folder.resolve("old");
    Files.createDirectories(old.resolve("bin"));
    Path java = Files.writeString(old.resolve("bin/java"), "#!/bin/sh\nexit 0\n");
    assertTrue(java.toFile().setExecutable(true));
    Files.writeString(old.resolve("release"), "JAVA_VERSION=\"11.0.2\"\n");
    assertEquals(
        "limiter: %s is Java 11.0.2; Limiter needs 17 or newer: install it, or set JAVA_HOME to it\n"
            .formatted(java),
        refused(Map.of("JAVA_HOME", old.toString())));
    assertEquals(
        "limiter: JAVA_HOME is %1$s, and there is no bin/java in it; set it to Java 17 or newer, or unset it\n"
            .formatted(folder),
        refused(Map.of("JAVA_HOME", folder.toString())));
    Path tools = Files.createDirectory(folder.resolve("tools"));
    Files.createSymbolicLink(tools.resolve("readlink"), onPath("readlink"));
    assertEquals(
        "limiter: there is no Java on the PATH; install Java 17 or newer, or set JAVA_HOME to it\n",
        refused(Map.of("JAVA_HOME", "", "PATH", tools.toString())));
  }

  private String refused(Map<String, String> environment) throws Exception {
    Ran ran = run(SCRIPT, environment, "--version");
    assertEquals(2, ran.exitCode(), ran::toString);
    return ran.errors();
  }

  @Test
  void program_isLookedForBesideTheScript() throws Exception {
    Path bin = Files.createDirectory(folder.resolve("bin"));
    Path script = Files.copy(SCRIPT, bin.resolve("limiter"));
    Ran missing = run(script, cached(), "--version");
    assertEquals(2, missing.exitCode());
    assertEquals(
        "limiter: limiter-server.jar is neither in %s nor in %s; put it there\n"
            .formatted(bin.toRealPath(), folder.toRealPath()),
        missing.errors());
    Files.createSymbolicLink(
        folder.resolve("limiter-server.jar"),
        Path.of("target/limiter-server.jar").toAbsolutePath());
    assertEquals(0, run(script, cached(), "--version").exitCode());
  }

  @Test
  void firstRun_archivesItsClasses_andLaterRunsTakeThem() throws Exception {
    assertFalse(loaded(cached()).contains(SHARED));
    assertTrue(loaded(cached()).contains(SHARED));
    assertTrue(loaded(cached()).contains(SHARED));
    assertEquals(1, archives().size());
  }

  @Test
  void runsAtOnce_leaveAnArchiveThatIsGood() throws Exception {
    List<Process> racing = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      racing.add(builder(SCRIPT, cached(), QUESTION.toArray(String[]::new)).start());
    }
    for (Process run : racing) {
      assertEquals(2, run.waitFor());
    }
    assertTrue(loaded(cached()).contains(SHARED));
    assertEquals(1, archives().size());
  }

  /** A machine that went down meanwhile leaves a file without its head, which is written last. */
  @Test
  void archiveThatWasNotFinished_isMadeAgain() throws Exception {
    loaded(cached());
    Path archive = archives().get(0);
    Path unfinished = Path.of(archive.toString().replaceAll("\\.\\d+$", "." + gone()));
    Files.delete(archive);
    Files.write(unfinished, new byte[4096]);
    assertFalse(loaded(cached()).contains(SHARED));
    assertFalse(Files.exists(unfinished));
    assertTrue(loaded(cached()).contains(SHARED));
  }

  @Test
  void cacheThatCannotBeWritten_isDoneWithout() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "no folder");
    for (String cache : List.of(file + "/cache", "off", "relative")) {
      Ran ran = run(SCRIPT, environment(cache), "--version");
      assertEquals(0, ran.exitCode(), ran::toString);
      assertEquals("", ran.errors());
    }
  }

  @Test
  void completion_isAScriptThatShellsTake() throws Exception {
    Ran ran = run(SCRIPT, cached(), "completion");
    assertEquals(0, ran.exitCode());
    assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "needs bash to complete");
    Path script = Files.writeString(folder.resolve("completion.sh"), ran.output());
    String typed =
        """
        . '%s'
        COMP_WORDS=(limiter check --dom); COMP_CWORD=2; COMP_LINE='limiter check --dom'; COMP_POINT=19
        _complete_limiter 2>/dev/null # compopt says that nobody types
        echo "${COMPREPLY[*]}"
        """
            .formatted(script);
    Process bash = new ProcessBuilder("/bin/bash", "-c", typed).redirectErrorStream(true).start();
    String completed = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals("--domain\n", completed);
  }

  /** Where each class came from that a question loaded. */
  private String loaded(Map<String, String> environment) throws Exception {
    Path log = folder.resolve("classes.txt");
    Map<String, String> logged = new java.util.HashMap<>(environment);
    logged.put("LIMITER_JAVA_OPTS", "-Xlog:class+load:file=" + log);
    assertEquals(2, run(SCRIPT, logged, QUESTION.toArray(String[]::new)).exitCode());
    return Files.readString(log);
  }

  private List<Path> archives() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("cache"))) {
      return files.toList();
    }
  }

  private Map<String, String> cached() {
    return environment(folder.resolve("cache").toString());
  }

  private static Map<String, String> environment(String cache) {
    return Map.of("JAVA_HOME", JAVA_HOME, "LIMITER_CACHE", cache);
  }

  private static Path onPath(String program) {
    return Stream.of(System.getenv("PATH").split(":", -1))
        .map(entry -> Path.of(entry, program))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow();
  }

  /** The id of a process that is no more. */
  private static long gone() throws Exception {
    Process process = new ProcessBuilder("/bin/sh", "-c", ":").start();
    process.waitFor();
    return process.pid();
  }

  private static ProcessBuilder builder(
      Path program, Map<String, String> environment, String... arguments) {
    List<String> command = new ArrayList<>(List.of(program.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    return builder;
  }

  private Ran run(Path program, Map<String, String> environment, String... arguments)
      throws Exception {
    Path errors = folder.resolve("errors.txt");
    Process process =
        builder(program, environment, arguments)
            .directory(folder.toFile())
            .redirectError(errors.toFile())
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ran(process.waitFor(), output, Files.readString(errors));
  }
}
