package io.limiter.server.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The jars as they are built: what is in them, and what is not. */
class JarIT {
  private static final Path TARGET = Path.of("target").toAbsolutePath();
  private static final Path PROGRAM = TARGET.resolve("limiter-server.jar");
  private static final Path DEMO = TARGET.resolve("limiter-demo-redis.jar");
  private static final Path IMAGE_LIBRARIES = TARGET.resolve("image/lib/limiter-libraries.jar");
  private static final Path IMAGE_PROGRAM = TARGET.resolve("image/limiter-server.jar");

  /** Of which 0.8 million bytes verify the tokens of callers. */
  private static final long MOST_BYTES = 30_500_000;

  private static final String SBOM = "META-INF/sbom/limiter.cdx.json";

  @Test
  void program_saysWhatItIsMadeOf() throws IOException {
    assumeTrue(
        entries(PROGRAM).contains(SBOM),
        "it was built offline, where the plug-in that lists its libraries does nothing");
    try (JarFile jar = new JarFile(PROGRAM.toFile())) {
      String listed =
          new String(jar.getInputStream(jar.getEntry(SBOM)).readAllBytes(), StandardCharsets.UTF_8);
      for (String library : List.of("lettuce-core", "grpc-netty-shaded", "nimbus-jose-jwt")) {
        assertTrue(listed.contains("\"" + library + "\""), library);
      }
      assertFalse(listed.contains("\"timestamp\""), "the same input makes the same file");
    }
  }

  @Test
  void program_isOfBoundedSize_andSoAreTheJarsOfTheImage() throws IOException {
    assertTrue(Files.size(PROGRAM) <= MOST_BYTES, () -> PROGRAM + " has grown");
    long image = Files.size(IMAGE_LIBRARIES) + Files.size(IMAGE_PROGRAM);
    assertTrue(image <= MOST_BYTES, () -> image + " bytes");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "redis-server-", // runs on one machine in five
        "redis/clients/jedis/", // another client of Redis, and what starts a Redis
        "redis/embedded/",
        "org/apache/commons/pool2/",
        "org/json/",
        "META-INF/native/libio_grpc_netty_shaded_netty_tcnative", // TLS that no port has
        "META-INF/native/io_grpc_netty_shaded_netty_tcnative",
        "io/prometheus/metrics/shaded/", // a second protobuf
        "io/prometheus/metrics/expositionformats/generated/",
        "com/google/api/", // the messages of other people's services
        "com/google/apps/",
        "com/google/cloud/",
        "com/google/type/",
        "io/grpc/channelz/",
        "io/grpc/reflection/v1alpha/"
      })
  void whatIsForNothing_isInNoJarButTheDemos(String prefix) throws IOException {
    for (Path jar : List.of(PROGRAM, IMAGE_LIBRARIES, IMAGE_PROGRAM)) {
      assertEquals(
          List.of(), entries(jar).stream().filter(name -> name.startsWith(prefix)).toList());
    }
  }

  @Test
  void demo_hasARedisForEachSystemThatItMayRunOn_andNothingElse() throws IOException {
    Set<String> redis =
        entries(DEMO).stream()
            .filter(name -> !name.startsWith("META-INF/") && !name.endsWith("/"))
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(
        Set.of(
            "redis-server-6.2.6-v5-linux-amd64",
            "redis-server-6.2.7-linux-arm64",
            "redis-server-6.2.6-v5-darwin-amd64",
            "redis-server-6.2.6-v5-darwin-arm64",
            "redis-server-5.0.14.1-windows-amd64.exe"),
        redis);
    assertEquals(DEMO.getFileName().toString(), manifest(PROGRAM).getValue("Class-Path"));
  }

  /** Else the layer of the libraries would change with the sources. */
  @Test
  void image_hasTheProgramApartFromTheLibraries() throws IOException {
    Set<String> ours = classes(IMAGE_PROGRAM);
    Set<String> others = classes(IMAGE_LIBRARIES);
    assertEquals(List.of(), others.stream().filter(JarIT::isOurs).toList());
    assertTrue(ours.stream().allMatch(JarIT::isOurs));
    Set<String> both = new HashSet<>(ours);
    both.addAll(others);
    assertEquals(classes(PROGRAM), both);
    assertEquals("lib/limiter-libraries.jar", manifest(IMAGE_PROGRAM).getValue("Class-Path"));
    assertEquals(
        manifest(PROGRAM).getValue("Main-Class"), manifest(IMAGE_PROGRAM).getValue("Main-Class"));
  }

  @Test
  void imageProgram_runs() throws Exception {
    Run run = Run.java(java17(), "-jar", IMAGE_PROGRAM.toString(), "--version");
    assertEquals(0, run.exitCode(), run::toString);
    assertFalse(run.output().isBlank());
  }

  @Test
  void newJava_warnsOfNothing() throws Exception {
    Optional<Path> java = newJava();
    assumeTrue(java.isPresent(), "needs a Java of 24 or newer in the folder of this one");
    try (ServerProcess server =
        ServerProcess.with(java.get(), "--redis", "redis://127.0.0.1:1", "--rules", rules())) {
      server.stop();
      assertEquals(List.of(), warnings(server.log()));
    }
    Run check =
        Run.java(
            java.get(),
            "-jar",
            PROGRAM.toString(),
            "check",
            "--domain",
            "d",
            "--target",
            "127.0.0.1:1");
    assertEquals(2, check.exitCode());
    assertEquals(List.of(), warnings(check.errors()));
  }

  private static String rules() {
    return Documentation.ROOT.resolve("deploy/rules").toString();
  }

  private static List<String> warnings(String log) {
    return log.lines().filter(line -> line.startsWith("WARNING:")).toList();
  }

  private static Path java17() {
    return Path.of(System.getProperty("java.home"), "bin", "java");
  }

  /** This one, or one beside it. */
  private static Optional<Path> newJava() throws IOException {
    if (Runtime.version().feature() >= 24) {
      return Optional.of(java17());
    }
    Path beside = Path.of(System.getProperty("java.home")).toRealPath().getParent();
    try (Stream<Path> homes = Files.list(beside)) {
      return homes
          .filter(home -> feature(home) >= 24)
          .map(home -> home.resolve("bin/java"))
          .filter(Files::isExecutable)
          .findFirst();
    }
  }

  private static int feature(Path home) {
    try (Stream<String> lines = Files.lines(home.resolve("release"))) {
      return lines
          .filter(line -> line.startsWith("JAVA_VERSION="))
          .map(line -> line.replaceAll("^JAVA_VERSION=\"(\\d+).*$", "$1"))
          .mapToInt(Integer::parseInt)
          .findFirst()
          .orElse(0);
    } catch (IOException | NumberFormatException notAJava) {
      return 0;
    }
  }

  private static boolean isOurs(String name) {
    return name.startsWith("io/limiter/");
  }

  private static Set<String> classes(Path jar) throws IOException {
    return entries(jar).stream()
        .filter(name -> name.endsWith(".class"))
        .collect(Collectors.toSet());
  }

  private static Set<String> entries(Path jar) throws IOException {
    try (JarFile file = new JarFile(jar.toFile())) {
      return file.stream().map(entry -> entry.getName()).collect(Collectors.toSet());
    }
  }

  private static Attributes manifest(Path jar) throws IOException {
    try (JarFile file = new JarFile(jar.toFile())) {
      return file.getManifest().getMainAttributes();
    }
  }

  /** A command that ended. */
  private record Run(int exitCode, String output, String errors) {
    static Run java(Path java, String... arguments) throws IOException, InterruptedException {
      List<String> command =
          Stream.concat(Stream.of(java.toString()), Arrays.stream(arguments)).toList();
      Path errors = Files.createTempFile("errors", ".txt");
      try {
        Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Run(process.waitFor(), output, Files.readString(errors));
      } finally {
        Files.delete(errors);
      }
    }
  }
}
