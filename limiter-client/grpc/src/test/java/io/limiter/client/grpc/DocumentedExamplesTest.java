package io.limiter.client.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

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
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The examples of docs/java-client.md do what the page says, as they are written there. */
@Timeout(240)
final class DocumentedExamplesTest {
  private static final Path PAGE = Path.of("..", "..", "docs", "java-client.md");

  @TempDir Path folder;

  /** The method of an example, compiled against the class path of this module. */
  private Method method(String type, String name, Class<?>... parameters) throws Exception {
    Matcher block =
        Pattern.compile("(?s)```java\\R((?:(?!```).)*\\nclass %s .*?)```".formatted(type))
            .matcher(Files.readString(PAGE));
    if (!block.find()) {
      throw new AssertionError("no class %s in %s".formatted(type, PAGE));
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
