package io.limiter.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.ToIntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The packages are small, and call each other as ARCHITECTURE.md says: one way. */
class RoomsTest {
  private static final int MOST_FILES = 25;
  private static final int MOST_LINES = 300;

  private static final List<Path> SOURCES =
      List.of(
          Path.of("src/main/java/io/limiter"),
          Path.of("../lua-scripts/src/main/java/io/limiter"),
          Path.of("../limiter-client/core/src/main/java/io/limiter"),
          Path.of("../limiter-client/testing/src/main/java/io/limiter"),
          Path.of("../limiter-client/grpc/src/main/java/io/limiter"),
          Path.of("../limiter-client/reactor/src/main/java/io/limiter"),
          Path.of("../limiter-client/servlet/src/main/java/io/limiter"),
          Path.of("../limiter-client/spring-boot-starter/src/main/java/io/limiter"),
          Path.of("../jmh/src/main/java/io/limiter"));

  private static final Pattern NAME =
      Pattern.compile(
          "\\bio\\.limiter\\.((?:server|algorithm|ledger|share|script|client|jmh)(?:\\.[a-z]+)*)");

  /** What each may call, beside itself. Whatever is not here may call all, and nobody calls it. */
  private static final Map<String, String> MAY_CALL =
      Map.ofEntries(
          Map.entry("algorithm", ""),
          Map.entry("ledger", "algorithm"),
          Map.entry("share", "algorithm"),
          Map.entry("script", "algorithm ledger share"),
          Map.entry("server.fair", ""),
          Map.entry("server.audit", "server.access server.rules"),
          Map.entry("server.fault", ""),
          Map.entry("server.key", "algorithm"),
          Map.entry("server.rules", "algorithm ledger server.key share"),
          Map.entry("server.rules.index", "server.key"),
          Map.entry(
              "server.rules.table",
              "algorithm server.key server.rules server.rules.index server.rules.profile"),
          Map.entry("server.header", ""),
          Map.entry("server.rules.profile", "server.header server.key server.rules"),
          Map.entry(
              "server.rules.profile.file",
              "algorithm server.header server.rules server.rules.profile server.rules.syntax"
                  + " server.rules.yaml"),
          Map.entry("server.rules.yaml", "server.rules"),
          Map.entry("server.rules.syntax", "algorithm ledger server.rules server.rules.yaml share"),
          Map.entry("server.rules.price", "server.rules server.rules.syntax server.rules.yaml"),
          Map.entry(
              "server.rules.file",
              "algorithm ledger server.key server.rules server.rules.index server.rules.price"
                  + " server.rules.profile server.rules.profile.file server.rules.syntax"
                  + " server.rules.table server.rules.yaml"),
          Map.entry("server.rules.live", "server.rules server.rules.file server.rules.table"),
          Map.entry("server.store", "algorithm ledger server.key"),
          Map.entry("server.store.deny", "algorithm ledger server.key server.store"),
          Map.entry("server.store.lease", "algorithm ledger server.key server.store"),
          Map.entry("server.store.local", "algorithm ledger server.key server.store"),
          Map.entry("server.store.fallback", "algorithm ledger server.store server.store.local"),
          Map.entry("server.certificate", ""),
          Map.entry("server.access", "server.fair server.rules"),
          Map.entry(
              "server.access.file",
              "server.access server.key server.rules server.rules.syntax server.rules.yaml"),
          Map.entry("server.store.endpoint", "server.certificate"),
          Map.entry(
              "server.store.redis",
              "algorithm ledger script server.fair server.key server.store server.store.endpoint"
                  + " server.fault server.store.redis.advice server.store.redis.cluster"
                  + " server.store.redis.connect server.store.redis.wire"),
          Map.entry("server.store.redis.advice", ""),
          Map.entry(
              "server.store.redis.cluster",
              "algorithm ledger server.key server.store server.store.endpoint"),
          Map.entry("server.store.redis.wire", "script"),
          Map.entry(
              "server.store.redis.connect", "server.fault server.store server.store.endpoint"),
          Map.entry(
              "server.decide",
              "algorithm ledger server.decide.outcome server.estimate server.fault server.key"
                  + " server.rules server.store"),
          Map.entry(
              "server.decide.outcome", "algorithm ledger server.key server.rules server.store"),
          Map.entry("server.estimate", "algorithm server.key server.rules server.store"),
          Map.entry(
              "server.api",
              "algorithm ledger server.access server.audit server.decide server.fair server.fault"
                  + " server.header server.key server.rules server.store"),
          Map.entry(
              "server.envoy",
              "algorithm ledger server.access server.api server.decide server.fault server.header"
                  + " server.rules"),
          Map.entry(
              "server.gateway",
              "algorithm ledger server.access server.api server.decide server.rules"
                  + " server.rules.profile"
                  + " server.rules.table server.store"),
          Map.entry(
              "server.grpc",
              "server.access server.api server.certificate server.envoy server.fair"
                  + " server.grpc.caller server.grpc.load server.grpc.peer"),
          Map.entry("server.grpc.caller", "server.access server.api server.grpc.peer"),
          Map.entry("server.grpc.load", ""),
          Map.entry("server.grpc.peer", "server.certificate"),
          Map.entry(
              "server.http",
              "server.access server.api server.certificate server.envoy server.fair server.gateway"
                  + " server.metrics"
                  + " server.rules server.rules.live server.rules.profile server.rules.table"),
          Map.entry(
              "server.metrics",
              "algorithm ledger server.access server.decide server.envoy server.rules"
                  + " server.rules.live"
                  + " server.rules.table server.store server.store.redis"
                  + " server.store.redis.advice"),
          Map.entry("server.embedded", ""),
          Map.entry("client", "client.deny client.sending client.upstream"),
          Map.entry("client.deny", ""),
          Map.entry("client.sending", ""),
          Map.entry("client.upstream", ""),
          Map.entry("client.decorate", "client client.upstream"),
          Map.entry("client.hold", "client client.decorate"),
          Map.entry("client.testing", "client client.upstream"),
          Map.entry("client.grpc", "client client.decorate client.hold client.upstream"),
          Map.entry("client.http", "client client.decorate"),
          Map.entry("client.reactor", "client client.decorate"),
          Map.entry("client.servlet", "client client.http"),
          Map.entry("client.spring", "client client.decorate"),
          Map.entry("client.spring.method", "client client.decorate client.hold client.spring"),
          Map.entry("client.spring.web", "client client.decorate client.http"),
          Map.entry("client.spring.call", "client.decorate client.upstream"),
          Map.entry("client.spring.actuate", "client"),
          Map.entry(
              "client.spring.autoconfigure",
              "client client.http client.spring client.spring.actuate client.spring.method"
                  + " client.spring.web"),
          Map.entry(
              "client.spring.test",
              "client client.spring client.spring.autoconfigure client.testing"),
          Map.entry("jmh.cold", "jmh jmh.load.flags jmh.load.service"),
          Map.entry("jmh.load.pace", ""),
          Map.entry("jmh.load.traffic", "algorithm client"),
          Map.entry("jmh.load.flags", "algorithm jmh.load.pace jmh.load.traffic"),
          Map.entry("jmh.load.service", "jmh jmh.load.traffic"),
          Map.entry("jmh.load.wire", "client jmh.load.flags jmh.load.pace jmh.load.traffic"),
          Map.entry("server.cli.text", "server.rules server.rules.live"),
          Map.entry(
              "server.cli.option",
              "server.access server.access.file server.api server.audit server.certificate"
                  + " server.decide server.envoy server.header server.http server.program server.rules"
                  + " server.store.endpoint"),
          Map.entry("server.cli.console", "server.program server.rules"),
          Map.entry(
              "server.cli.access",
              "server.access server.access.file server.cli.console server.cli.option server.rules"
                  + " server.rules.live server.rules.yaml"),
          Map.entry("server.cli.environment", "server.rules"));

  /** The files of each package. */
  private static final Map<String, Set<Path>> ROOMS = new TreeMap<>();

  private static final Map<String, Set<String>> CALLS = new TreeMap<>();

  @BeforeAll
  static void read() throws IOException {
    for (Path root : SOURCES) {
      try (Stream<Path> files = Files.walk(root)) {
        for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
          String room = root.relativize(file.getParent()).toString().replaceAll("[/\\\\]", ".");
          ROOMS.computeIfAbsent(room, none -> new HashSet<>()).add(file);
          Matcher names = NAME.matcher(Files.readString(file));
          Set<String> called = CALLS.computeIfAbsent(room, none -> new TreeSet<>());
          while (names.find()) {
            called.add(names.group(1));
          }
          called.remove(room);
        }
      }
    }
  }

  @Test
  void aRoom_callsNoOtherThanItMay() {
    Set<String> forbidden = new TreeSet<>();
    CALLS.forEach(
        (room, called) -> {
          String may = MAY_CALL.get(room);
          if (may != null) {
            Set<String> others = new TreeSet<>(called);
            others.removeAll(Set.of(may.split(" ")));
            others.forEach(other -> forbidden.add(room + " calls " + other));
          }
        });
    assertEquals(Set.of(), forbidden);
    assertEquals(
        Set.of("server.cli", "server.program", "jmh", "jmh.load"),
        ROOMS.keySet().stream()
            .filter(room -> !MAY_CALL.containsKey(room))
            .collect(Collectors.toSet()));
    assertFalse(CALLS.values().stream().anyMatch(called -> called.contains("server.cli")));
  }

  @Test
  void noRoom_reachesItself() {
    for (String room : ROOMS.keySet()) {
      Set<String> reached = new HashSet<>();
      reach(room, reached);
      assertFalse(reached.contains(room), () -> room + " calls what calls it: " + reached);
    }
  }

  private static void reach(String room, Set<String> reached) {
    for (String called : CALLS.getOrDefault(room, Set.of())) {
      if (reached.add(called)) {
        reach(called, reached);
      }
    }
  }

  @Test
  void noRoom_isCrowded_andNoFileIsLong() {
    assertEquals(Map.of(), above(MOST_FILES, Set::size));
    Set<String> longFiles = new TreeSet<>();
    ROOMS.values().stream()
        .flatMap(Set::stream)
        .filter(file -> lines(file) > MOST_LINES)
        .forEach(file -> longFiles.add(file.toString()));
    assertEquals(Set.of(), longFiles);
  }

  private static Map<String, Integer> above(int most, ToIntFunction<Set<Path>> size) {
    return ROOMS.entrySet().stream()
        .filter(room -> size.applyAsInt(room.getValue()) > most)
        .collect(Collectors.toMap(Map.Entry::getKey, room -> size.applyAsInt(room.getValue())));
  }

  private static long lines(Path file) {
    try (Stream<String> lines = Files.lines(file)) {
      return lines.count();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
