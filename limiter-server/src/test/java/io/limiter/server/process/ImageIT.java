package io.limiter.server.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.limiter.testing.TestRedis;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the image holds, put together as its build does, is enough to serve, and no more. It is
 * entered by chroot, which needs root on Linux.
 */
@Timeout(300)
class ImageIT {
  private static final String NOBODY = "--userspec=10001:10001";
  private static final String JAVA = "/opt/limiter/java/bin/java";
  private static final String OPTIONS = "@/opt/limiter/options";

  /** Java finds its own libraries by /proc, which is not there. */
  private static final Map<String, String> ENVIRONMENT =
      Map.of("LD_LIBRARY_PATH", "/opt/limiter/java/lib", "LIMITER_BIND", "127.0.0.1");

  @TempDir private static Path root;

  /** What ended. */
  private record Ran(int exitCode, String output) {}

  @BeforeAll
  static void putTogether() throws Exception {
    Path java = Path.of(System.getProperty("java.home"));
    assumeTrue(
        System.getProperty("user.name").equals("root") && Files.isDirectory(Path.of("/proc/1")),
        "needs root on Linux, for chroot");
    assumeTrue(Files.isDirectory(java.resolve("jmods")), "needs a JDK with its jmods");
    Ran made =
        run(
            Map.of("JAVA_HOME", java.toString()),
            Documentation.ROOT.resolve("deploy/image").toString(),
            root.toString());
    assertEquals(0, made.exitCode(), made::output);
    for (String device : List.of("null 3", "random 8", "urandom 9")) {
      String[] parts = device.split(" ", -1);
      String file = root.resolve("dev").resolve(parts[0]).toString();
      Ran node = run(Map.of(), "mknod", "-m", "666", file, "c", "1", parts[1]);
      assumeTrue(node.exitCode() == 0, "needs the right to make devices: " + node.output());
    }
    Path rules = Files.createDirectory(root.resolve("rules"));
    Files.copy(Documentation.ROOT.resolve("deploy/rules/edge.yaml"), rules.resolve("edge.yaml"));
    // Its user may write nowhere else.
    Ran closed = run(Map.of(), "chmod", "755", root.toString(), root.resolve("tmp").toString());
    assertEquals(0, closed.exitCode(), closed::output);
  }

  /** What cannot be deleted by who runs the tests. */
  @AfterAll
  static void takeApart() throws Exception {
    if (Files.isDirectory(root.resolve("dev"))) {
      run(Map.of(), "rm", "-rf", root.resolve("dev").toString());
    }
  }

  private static Ran run(Map<String, String> environment, String... command) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    Process process = builder.start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ran(process.waitFor(), output);
  }

  private static Ran inside(String... command) throws Exception {
    List<String> all = new ArrayList<>(List.of("chroot", NOBODY, root.toString()));
    all.addAll(List.of(command));
    return run(ENVIRONMENT, all.toArray(String[]::new));
  }

  private static Set<Path> files() throws IOException {
    try (Stream<Path> all = Files.walk(root)) {
      return all.filter(file -> !file.startsWith(root.resolve("dev"))).collect(Collectors.toSet());
    }
  }

  @Test
  void nothingRunsInIt_butJava() throws Exception {
    Set<String> programs = new TreeSet<>();
    for (Path file : files()) {
      String name = file.getFileName().toString();
      if (Files.isRegularFile(file)
          && !name.contains(".so")
          && Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_EXECUTE)) {
        programs.add(root.relativize(file).toString());
      }
    }
    assertEquals(
        Set.of(
            "opt/limiter/java/bin/java",
            "opt/limiter/java/bin/jcmd",
            "opt/limiter/java/bin/jfr",
            "opt/limiter/java/lib/jspawnhelper"),
        programs);
    assertEquals(127, inside("/bin/sh", "-c", "exit 0").exitCode());
  }

  @Test
  void nothingInIt_isWrittenByItsUser_norLeadsOut() throws Exception {
    for (Path file : files()) {
      if (Files.isSymbolicLink(file)) {
        assertTrue(file.toRealPath().startsWith(root.toRealPath()), file::toString);
      } else {
        int mode = (int) Files.getAttribute(file, "unix:mode");
        assertEquals(0, mode & 0_002, () -> file + " may be written by anybody");
        assertEquals(0, mode & 0_6000, () -> file + " runs as another");
        assertEquals(0, (int) Files.getAttribute(file, "unix:uid"), file::toString);
      }
    }
  }

  @Test
  void aUserWithoutRights_whoCanWriteNothing_serves_andIsWell() throws Exception {
    String http = "" + TestRedis.freePort();
    try (ServerProcess server =
        ServerProcess.by(
            List.of("chroot", NOBODY, root.toString(), JAVA, OPTIONS),
            ENVIRONMENT,
            "--redis",
            TestRedis.shared().uri(),
            "--rules",
            "/rules",
            "--http-port",
            http)) {
      Ran asked =
          inside(JAVA, OPTIONS, "check", "--domain", "edge", "--target", server.grpc(), "user=a");
      assertEquals(0, asked.exitCode(), asked::output);
      Path process = Path.of("/proc", "" + server.pid());
      String loaded = Files.readString(process.resolve("maps"));
      for (String library : List.of("io_grpc_netty_shaded_netty", "netty")) {
        assertTrue(
            loaded.contains("/opt/limiter/native/lib" + library + "_transport_native_epoll"),
            library);
      }
      // A container's first process is the service.
      Path first = Files.createDirectories(root.resolve("proc/1"));
      for (String fact : List.of("cmdline", "environ")) {
        Files.write(first.resolve(fact), Files.readAllBytes(process.resolve(fact)));
      }
      Ran well = inside(JAVA, OPTIONS, "health", "/readyz");
      assertEquals("http://127.0.0.1:" + http + "/readyz answers 200\n", well.output());
      assertEquals(0, well.exitCode());
    }
  }
}
