package io.limiter.client.reactor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.client.CheckRequest;
import io.limiter.client.decorate.DeniedException;
import io.limiter.client.decorate.RateLimited;
import io.limiter.client.testing.FakeLimiter;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;

/** The example of the page does what that says, as it is written there. */
@Timeout(60)
class DocumentedExampleTest {
  private static final Path PAGE = Path.of("..", "..", "docs", "java-client.md");

  @TempDir Path folder;

  @Test
  void theExample_limitsWhatIsSubscribedTo() throws Exception {
    Matcher block =
        Pattern.compile("(?s)```java\\R((?:(?!```).)*\\nclass ReactiveQuotes .*?)```")
            .matcher(Files.readString(PAGE));
    assertTrue(block.find(), "no class ReactiveQuotes in " + PAGE);
    Path source = Files.writeString(folder.resolve("ReactiveQuotes.java"), block.group(1));
    assertEquals(
        0,
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                null,
                "-Xlint:all",
                "-Werror",
                "-cp",
                System.getProperty("java.class.path"),
                "-d",
                folder.toString(),
                source.toString()));
    try (FakeLimiter fake = FakeLimiter.start();
        URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
      fake.limit("per-mail", 1, Duration.ofHours(1));
      Method method =
          loader
              .loadClass("ReactiveQuotes")
              .getDeclaredMethod("limited", RateLimited.class, Mono.class);
      method.setAccessible(true);
      Mono<?> limited =
          (Mono<?>)
              method.invoke(
                  null,
                  RateLimited.by(fake.client(), CheckRequest.in("mail")),
                  Mono.just("a quote"));
      assertEquals("a quote", limited.block());
      assertThrows(DeniedException.class, limited::block);
    }
  }
}
