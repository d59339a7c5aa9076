package io.limiter.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.RateLimiterGrpc;
import io.limiter.v1.Source;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** A value that is typed is the value that is charged, or it is refused. */
@Timeout(120)
class TypedArgumentsTest {
  private final List<String> users = Collections.synchronizedList(new ArrayList<>());
  private final Server server = start();

  private record Ran(int exitCode, String output) {}

  @AfterEach
  void stop() {
    server.shutdownNow();
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void inALocaleWithoutTheLetter_itIsReadAllTheSame() throws Exception {
    for (String locale : List.of("C", "POSIX", "C.UTF-8")) {
      users.clear();
      assertEquals(0, check(locale, "caf\\303\\251").exitCode);
      assertEquals(0, check(locale, "caf\\303\\266").exitCode);
      assertEquals(List.of("caf\u00E9", "caf\u00F6"), users, locale);
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void bytesThatAreNoUtf8_areRefused_andNothingIsCharged() throws Exception {
    for (String locale : List.of("C", "C.UTF-8")) {
      Ran run = check(locale, "caf\\351");
      assertEquals(
          "limiter: argument 6, \"user=caf\\xE9\", is not UTF-8, so it could be taken for another"
              + " value; write it in UTF-8\n",
          run.output,
          locale);
      assertEquals(2, run.exitCode, locale);
    }
    assertEquals(List.of(), users);
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aVariableThatCannotBeRead_isRefused() throws Exception {
    Ran run = check("C", "alice", "LIMITER_DOMAIN=$(printf 'caf\\303\\251')");
    assertEquals(2, run.exitCode);
    assertEquals(true, run.output.startsWith("limiter: LIMITER_DOMAIN, \"caf"), run.output);
    assertEquals(List.of(), users);
  }

  @Test
  void whatALocaleReadsExactly_staysAsItIs() {
    Charset latin = StandardCharsets.ISO_8859_1;
    TypedArguments typed =
        TypedArguments.of(
            List.of("user=caf\u00E9"),
            Optional.of(List.of("user=caf\u00E9".getBytes(latin))),
            latin);
    assertEquals(new TypedArguments(List.of("user=caf\u00E9"), List.of()), typed);
    TypedArguments sign =
        TypedArguments.of(
            List.of("user=\uFFFD"),
            Optional.of(List.of("user=\uFFFD".getBytes(StandardCharsets.UTF_8))),
            StandardCharsets.UTF_8);
    assertEquals(new TypedArguments(List.of("user=\uFFFD"), List.of()), sign);
  }

  @Test
  void whereTheSystemShowsNoBytes_theSignForALostLetterIsRefused() {
    TypedArguments typed =
        TypedArguments.of(
            List.of("check", "user=\uFFFD"), Optional.empty(), StandardCharsets.UTF_8);
    assertEquals(
        List.of(
            "argument 2, \"user=\uFFFD\", is not UTF-8, so it could be taken for another value;"
                + " write it in UTF-8"),
        typed.problems());
    assertEquals(
        List.of("check", "user=alice?"),
        TypedArguments.of(
                List.of("check", "user=alice?"), Optional.empty(), StandardCharsets.US_ASCII)
            .arguments());
  }

  /**
   * Runs {@code check} in a process of its own.
   *
   * @param user as {@code printf} of the shell takes it
   * @param variables as the shell takes them
   */
  private Ran check(String locale, String user, String... variables) throws Exception {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String command =
        "exec env %s '%s' -XX:TieredStopAtLevel=1 -cp \"$CLASSES\" %s check --target 127.0.0.1:%d --deadline 1m \"user=$(printf '%s')\""
            .formatted(
                String.join(" ", variables), java, Main.class.getName(), server.getPort(), user);
    ProcessBuilder builder = new ProcessBuilder("sh", "-c", command).redirectErrorStream(true);
    Map<String, String> environment = builder.environment();
    environment.keySet().removeIf(name -> name.startsWith("LC_") || name.startsWith("LANG"));
    environment.put("LC_ALL", locale);
    environment.put("LIMITER_DOMAIN", "shop");
    environment.put("CLASSES", System.getProperty("java.class.path"));
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ran(process.waitFor(), output);
  }

  private Server start() {
    try {
      return NettyServerBuilder.forAddress(
              new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
          .addService(
              new RateLimiterGrpc.RateLimiterImplBase() {
                @Override
                public void checkAndConsume(
                    CheckAndConsumeRequest request, StreamObserver<CheckAndConsumeResponse> reply) {
                  users.add(request.getAttributesOrDefault("user", ""));
                  reply.onNext(
                      CheckAndConsumeResponse.newBuilder()
                          .setAllowed(true)
                          .setSource(Source.NO_RULE)
                          .build());
                  reply.onCompleted();
                }
              })
          .build()
          .start();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
