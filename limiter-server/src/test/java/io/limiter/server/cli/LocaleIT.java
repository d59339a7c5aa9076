package io.limiter.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The program says the same whatever the language of its host: in Arabic numbers have digits of
 * their own, and in Turkish the letter i has another capital.
 */
@Timeout(300)
class LocaleIT {
  @TempDir Path temp;

  private record Said(String text, int exitCode) {}

  @Test
  void texts_areTheSameInEveryLocale() throws Exception {
    Files.writeString(
        temp.resolve("bad.yaml"),
        """
        domain: shop
        rules:
          - { name: a, key: [], algorithm: fixed-window, limit: 0, window: 1m }
          - { name: b, key: [], algorithm: token-bucket, rate: 5000000/s, burst: 99999999999999999 }
          - { name: c, key: [], algorithm: token-bucket, mode: SHADOW, rate: 7/s }
        """);
    List<List<String>> commands =
        List.of(
            List.of("validate", temp.toString()),
            List.of("serve", "--rules", temp.toString(), "--redis", "redis://127.0.0.1:1"),
            List.of("serve"),
            List.of("serve", "--help"),
            List.of("serve", "--grpc-port", "70000"),
            List.of("serve", "--demo", "--grpc-port", "29097", "--http-port", "29097"),
            List.of("serve", "--decision-deadline", "61m"),
            List.of("check", "--domain", "shop", "--target", "127.0.0.1:1", "user=a"),
            List.of("explain", "--domain", "shop", "--rules", temp.toString(), "user=a"));
    Map<List<String>, Said> english = new TreeMap<>((a, b) -> a.toString().compareTo(b.toString()));
    for (List<String> command : commands) {
      english.put(command, run("en", "US", command));
    }
    assertTrue(english.toString().contains("70000"), english::toString);
    for (List<String> command : commands) {
      assertEquals(english.get(command), run("ar", "EG", command), command::toString);
      assertEquals(english.get(command), run("tr", "TR", command), command::toString);
    }
  }

  private static Said run(String language, String region, List<String> arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Duser.language=" + language, "-Duser.region=" + region));
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-cp", programAlone()));
    command.add(Main.class.getName());
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().keySet().removeIf(name -> name.startsWith("LIMITER_"));
    Process process = builder.start();
    process.getOutputStream().close();
    String text =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
            .replaceAll("\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z", "TIME")
            .replaceAll("(?m)^[0-9:,]+ \\|-.*\\n", "");
    return new Said(text, process.waitFor());
  }

  /** The class path without the tests' folders, which configure logs of their own. */
  private static String programAlone() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
        .filter(entry -> !entry.matches(".*(test-classes|-tests\\.jar)/?"))
        .collect(Collectors.joining(File.pathSeparator));
  }
}
