package io.limiter.client.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.sun.net.httpserver.HttpServer;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import io.limiter.client.LimiterClient;
import io.limiter.client.testing.FakeLimiter;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The examples of the pages do what those say, as they are written there. */
@Timeout(240)
final class DocumentedExamplesTest {
  private static final Path PAGES = Path.of("..", "..", "docs");

  @TempDir Path folder;

  /** The method of an example, compiled against the class path of this module. */
  private Method method(String type, String name, Class<?>... parameters) throws Exception {
    Matcher block =
        Pattern.compile("(?s)```java\\R((?:(?!```).)*\\nclass %s .*?)```".formatted(type))
            .matcher(
                Files.readString(PAGES.resolve("java-client.md"))
                    + Files.readString(PAGES.resolve("call-others.md")));
    if (!block.find()) {
      throw new AssertionError("no class %s in %s".formatted(type, PAGES));
    }
    Path file = Files.writeString(folder.resolve(type + ".java"), block.group(1));
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
    Method method =
        new URLClassLoader(classes, getClass().getClassLoader())
            .loadClass(type)
            .getDeclaredMethod(name, parameters);
    method.setAccessible(true);
    return method;
  }

  @Test
  void aLimitedCall_waits_andSaysWhyNot() throws Exception {
    Method quote = method("Quotes", "quote", LimiterClient.class, Supplier.class);
    Supplier<String> upstream = () -> "42";
    try (FakeLimiter fake = FakeLimiter.start()) {
      fake.deny(Duration.ofMillis(1)).admit().deny(Duration.ofHours(1));
      assertEquals("42", quote.invoke(null, fake.client(), upstream));
      assertEquals(
          "no quote: denied by rule \"scripted\"; try again after PT1H",
          quote.invoke(null, fake.client(), upstream));
    }
  }

  @Test
  void interceptors_limitEitherSide() throws Exception {
    Method limits = method("Interceptors", "limits", LimiterClient.class);
    Method paced = method("Interceptors", "paced", LimiterClient.class, Channel.class);
    String name = InProcessServerBuilder.generateName();
    try (FakeLimiter fake = FakeLimiter.start()) {
      Server server =
          InProcessServerBuilder.forName(name)
              .addService(
                  ServerInterceptors.intercept(
                      new Healthy(), (ServerInterceptor) limits.invoke(null, fake.client())))
              .build()
              .start();
      ManagedChannel channel = InProcessChannelBuilder.forName(name).build();
      try {
        HealthGrpc.HealthBlockingStub stub =
            HealthGrpc.newBlockingStub((Channel) paced.invoke(null, fake.client(), channel));
        fake.deny(Duration.ofMillis(1)).admit().admit().admit().deny(Duration.ofHours(1));
        stub.check(HealthCheckRequest.getDefaultInstance());
        StatusRuntimeException denied =
            assertThrows(
                StatusRuntimeException.class,
                () -> stub.check(HealthCheckRequest.getDefaultInstance()));
        assertEquals(Status.Code.RESOURCE_EXHAUSTED, denied.getStatus().getCode());
        assertEquals("upstream", fake.asked().get(0).domain());
        assertEquals("orders", fake.asked().get(4).domain());
      } finally {
        channel.shutdownNow();
        server.shutdownNow();
      }
    }
  }

  @Test
  void anApi_isCalledInItsLimits() throws Exception {
    Method complete = method("Completions", "complete", URI.class, String.class);
    Constructor<?> by = complete.getDeclaringClass().getDeclaredConstructor(LimiterClient.class);
    by.setAccessible(true);
    Queue<Integer> statuses = new ConcurrentLinkedQueue<>(List.of(429, 200, 500));
    HttpServer api =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    api.createContext(
        "/",
        exchange -> {
          exchange.getResponseHeaders().add("retry-after-ms", "20");
          exchange.sendResponseHeaders(statuses.remove(), 0);
          exchange.getResponseBody().write("done".getBytes(StandardCharsets.UTF_8));
          exchange.close();
        });
    api.start();
    try (FakeLimiter fake = FakeLimiter.start()) {
      Object completions = by.newInstance(fake.client());
      URI uri = URI.create("http://127.0.0.1:" + api.getAddress().getPort() + "/");
      assertEquals("done", complete.invoke(completions, uri, "a prompt"));
      assertEquals(502, fake.asked().get(0).unitCosts().get("tokens"));
      assertEquals("refused: 500", complete.invoke(completions, uri, ""));
      fake.deny(Duration.ofHours(1));
      assertEquals(
          "not sent: denied by rule \"scripted\"; try again after PT1H",
          complete.invoke(completions, uri, ""));
    } finally {
      api.stop(0);
    }
  }

  @Test
  void aPacedChannel_makesItsCalls() throws Exception {
    Method over = method("PacedChannel", "over", LimiterClient.class, Channel.class);
    String name = InProcessServerBuilder.generateName();
    Server server = InProcessServerBuilder.forName(name).addService(new Healthy()).build().start();
    ManagedChannel channel = InProcessChannelBuilder.forName(name).build();
    try (FakeLimiter fake = FakeLimiter.start()) {
      HealthGrpc.newBlockingStub((Channel) over.invoke(null, fake.client(), channel))
          .check(HealthCheckRequest.getDefaultInstance());
      assertEquals("upstreams", fake.asked().get(0).domain());
    } finally {
      channel.shutdownNow();
      server.shutdownNow();
    }
  }

  @Test
  void theTestOfAUser_passes() throws Exception {
    method("OrdersTest", "aUser_ordersTwiceAMinute").invoke(null);
  }

  private static final class Healthy extends HealthGrpc.HealthImplBase {
    @Override
    public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> replies) {
      replies.onNext(HealthCheckResponse.getDefaultInstance());
      replies.onCompleted();
    }
  }
}
