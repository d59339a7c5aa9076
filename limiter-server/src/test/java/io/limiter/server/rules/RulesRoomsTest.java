package io.limiter.server.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RulesRoomsTest {
  private static final String RULES = "io.limiter.server.rules";
  private static final Path SOURCES = Path.of("src/main/java", RULES.split("\\."));
  private static final Pattern NAME = Pattern.compile("io\\.limiter\\.[a-z]+(?:\\.[a-z]+)*");

  /** What each room may call, beside itself. */
  private static final Map<String, Set<String>> MAY_CALL =
      Map.of(
          RULES,
          Set.of("io.limiter.algorithm", "io.limiter.server.key"),
          RULES + ".index",
          Set.of(),
          RULES + ".table",
          Set.of("io.limiter.algorithm", RULES, RULES + ".index"),
          RULES + ".yaml",
          Set.of(RULES),
          RULES + ".file",
          Set.of(
              "io.limiter.algorithm",
              "io.limiter.server.key",
              RULES,
              RULES + ".index",
              RULES + ".table",
              RULES + ".yaml"),
          RULES + ".live",
          Set.of(RULES + ".file", RULES + ".table"));

  @ParameterizedTest
  @ValueSource(strings = {"", "index", "table", "yaml", "file", "live"})
  void aRoom_callsNoOtherRoomThanItMay(String folder) throws IOException {
    String room = folder.isEmpty() ? RULES : RULES + "." + folder;
    Set<String> called = new TreeSet<>();
    try (Stream<Path> files = Files.list(SOURCES.resolve(folder))) {
      for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
        Matcher names = NAME.matcher(Files.readString(file));
        while (names.find()) {
          called.add(names.group());
        }
      }
    }
    called.remove(room);
    called.removeAll(MAY_CALL.getOrDefault(room, Set.of()));
    assertEquals(Set.of(), called, room);
  }
}
