package io.limiter.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.server.rules.live.RulesText;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What keeps the service from starting. */
class ServeTest {
  private static final String NO_REDIS = "redis://127.0.0.1:1";

  @TempDir Path temp;

  @Test
  void rulesWithProblems_areListedAndRefused() throws IOException {
    Files.writeString(temp.resolve("bad.yaml"), "domain: [\n");
    CommandRun run = CommandRun.of("serve", "--rules", temp.toString(), "--redis", NO_REDIS);
    List<String> lines = run.err().lines().toList();
    int problems = lines.size() - 1;
    assertEquals(1, run.exitCode());
    assertTrue(problems > 0, run::err);
    Pattern problem = Pattern.compile("bad\\.yaml:\\d+:\\d+: .+");
    assertTrue(lines.stream().limit(problems).allMatch(problem.asMatchPredicate()), run::err);
    assertEquals(
        "limiter: the rules have %s; correct them to start"
            .formatted(RulesText.count(problems, "problem")),
        lines.get(problems));
  }

  @Test
  void anHttpPortInUse_isNamedWithTheRemedy() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = taken.getLocalPort();
      CommandRun run =
          CommandRun.of("serve", "--redis", NO_REDIS, "--grpc-port", "0", "--http-port", "" + port);
      assertEquals(1, run.exitCode());
      assertEquals(
          "limiter: HTTP cannot listen on 127.0.0.1:%d: Address already in use; stop what holds the port or choose another%n"
              .formatted(port),
          run.err());
    }
  }

  @Test
  void aGrpcPortInUse_isNamedWithTheRemedy() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = taken.getLocalPort();
      CommandRun run =
          CommandRun.of("serve", "--redis", NO_REDIS, "--http-port", "0", "--grpc-port", "" + port);
      assertEquals(1, run.exitCode());
      assertEquals(
          "limiter: gRPC cannot listen on 127.0.0.1:%d: Address already in use; stop what listens there or use another port or address%n"
              .formatted(port),
          run.err());
    }
  }
}
