package io.limiter.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.limiter.v1.CheckAndConsumeBatchRequest;
import io.limiter.v1.CheckAndConsumeBatchResponse;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.RateLimiterGrpc;
import io.limiter.v1.RuleStatus;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The example of docs/java-client.md, as it is written there, gets every kind of answer. */
@Timeout(240)
class ExampleTest {
  private static final Path PAGE = Path.of("..", "..", "docs", "java-client.md");
  private static final CheckRequest QUESTION = CheckRequest.in("demo").attribute("user", "carol");

  @TempDir Path folder;

  private volatile Optional<CheckAndConsumeResponse> answer = Optional.empty();
  private volatile Status failure = Status.UNAVAILABLE;
  private Server server;
  private Class<?> example;

  @BeforeEach
  void start() throws Exception {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(new Answering())
            .build()
            .start();
    example = compile(server.getPort());
  }

  @AfterEach
  void stop() {
    server.shutdownNow();
  }

  /** Compiles the page's first example against the class path of the client. */
  private Class<?> compile(int port) throws Exception {
    Matcher block = Pattern.compile("(?s)```java\\R(.*?)```").matcher(Files.readString(PAGE));
    assertTrue(block.find());
    String text =
        block
            .group(1)
            .replace("127.0.0.1:8081", "127.0.0.1:" + port)
            .replace("ofMillis(50)", "ofMinutes(1)")
            .replace("ofSeconds(5)", "ofMinutes(1)");
    Path file = Files.writeString(folder.resolve("Example.java"), text);
    String[] line = {
      "-Xlint:all",
      "-Werror",
      "-cp",
      System.getProperty("java.class.path"),
      "-d",
      "" + folder,
      "" + file
    };
    assertEquals(0, ToolProvider.getSystemJavaCompiler().run(null, null, null, line));
    URL[] classes = {folder.toUri().toURL()};
    return new URLClassLoader(classes, getClass().getClassLoader()).loadClass("Example");
  }

  private String asked(LimiterClient client, CheckRequest question) throws Exception {
    var ask = example.getDeclaredMethod("ask", LimiterClient.class, CheckRequest.class);
    ask.setAccessible(true);
    return (String) ask.invoke(null, client, question);
  }

  private String asked(CheckAndConsumeResponse response) throws Exception {
    answer = Optional.of(response);
    try (LimiterClient client = client()) {
      return asked(client, QUESTION);
    }
  }

  private LimiterClient client() {
    return LimiterClient.to("127.0.0.1:" + server.getPort())
        .deadline(Duration.ofMinutes(1))
        .build();
  }

  @Test
  void everyAnswer_isSurvived() throws Exception {
    CheckAndConsumeResponse.Builder admitted =
        CheckAndConsumeResponse.newBuilder().setAllowed(true).setSource(io.limiter.v1.Source.REDIS);
    CheckAndConsumeResponse.Builder denied =
        CheckAndConsumeResponse.newBuilder().setSource(io.limiter.v1.Source.REDIS);
    RuleStatus status = RuleStatus.newBuilder().setAllowed(true).setRemaining(2).build();
    assertEquals("admitted, 2 left", asked(admitted.clone().addStatuses(status).build()));
    assertEquals(
        "admitted, no rule counts it",
        asked(admitted.clone().setSource(io.limiter.v1.Source.NO_RULE).build()));
    assertEquals(
        "admitted, go ahead in PT0.2S",
        asked(admitted.clone().setDelay(Wire.message(Duration.ofMillis(200))).build()));
    assertEquals(
        "denied, retry after PT3S",
        asked(denied.clone().setRetryAfter(Wire.message(Duration.ofSeconds(3))).build()));
    assertEquals("denied, do not retry", asked(denied.build()));
    assertEquals(
        "the domain is unknown, go ahead: true",
        asked(admitted.clone().setSource(io.limiter.v1.Source.UNKNOWN_DOMAIN).build()));
  }

  @Test
  void noAnswer_isSurvived() throws Exception {
    LimiterClient closed;
    try (LimiterClient client = client()) {
      assertEquals("no answer, go ahead: true", asked(client, QUESTION));
      assertEquals(
          "no answer, go ahead: false",
          asked(client, QUESTION.onUnreachable(OnUnreachable.CLOSED)));
      failure = Status.INVALID_ARGUMENT.withDescription("domain is empty; name one");
      assertEquals(
          "not asked: INVALID_ARGUMENT: domain is empty; name one", asked(client, QUESTION));
      failure = Status.UNIMPLEMENTED;
      assertEquals("not asked: UNIMPLEMENTED", asked(client, QUESTION));
      closed = client;
    }
    assertEquals(
        "not asked: the client is closed; build another one to ask again", asked(closed, QUESTION));
  }

  @Test
  void theWholeProgram_printsWhatThePageShows() throws Exception {
    RuleStatus status = RuleStatus.newBuilder().setAllowed(true).setRemaining(2).build();
    answer =
        Optional.of(
            CheckAndConsumeResponse.newBuilder().setAllowed(true).addStatuses(status).build());
    Matcher shown = Pattern.compile("(?s)```text\\R(.*?)```").matcher(Files.readString(PAGE));
    assertTrue(shown.find());
    assertEquals(shown.group(1), printed());
  }

  private String printed() throws Exception {
    PrintStream before = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      var main = example.getDeclaredMethod("main", String[].class);
      main.setAccessible(true);
      main.invoke(null, (Object) new String[0]);
    } finally {
      System.setOut(before);
    }
    return bytes.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
  }

  private final class Answering extends RateLimiterGrpc.RateLimiterImplBase {
    @Override
    public void checkAndConsume(
        CheckAndConsumeRequest question, StreamObserver<CheckAndConsumeResponse> replies) {
      answer.ifPresentOrElse(
          response -> {
            replies.onNext(response);
            replies.onCompleted();
          },
          () -> replies.onError(failure.asRuntimeException()));
    }

    @Override
    public void checkAndConsumeBatch(
        CheckAndConsumeBatchRequest batch, StreamObserver<CheckAndConsumeBatchResponse> replies) {
      replies.onNext(CheckAndConsumeBatchResponse.getDefaultInstance());
      replies.onCompleted();
    }
  }
}
