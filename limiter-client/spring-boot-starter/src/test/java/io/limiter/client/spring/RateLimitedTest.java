package io.limiter.client.spring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.client.LimiterClient;
import io.limiter.client.decorate.DeniedException;
import io.limiter.client.spring.autoconfigure.LimiterClientAutoConfiguration;
import io.limiter.client.spring.autoconfigure.LimiterMethodAutoConfiguration;
import io.limiter.client.testing.Asked;
import io.limiter.client.testing.FakeLimiter;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.aopalliance.intercept.MethodInterceptor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.aop.support.DefaultPointcutAdvisor;
import org.springframework.aop.support.annotation.AnnotationMatchingPointcut;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.Ordered;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** Calls of annotated methods ask first, whatever they return. */
@Timeout(120)
class RateLimitedTest {
  private static final Duration WAIT = Duration.ofSeconds(3);

  private final FakeLimiter fake = FakeLimiter.start();
  private final ApplicationContextRunner runner =
      new ApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(
                  AopAutoConfiguration.class,
                  LimiterClientAutoConfiguration.class,
                  LimiterMethodAutoConfiguration.class))
          .withBean(LimiterClient.class, fake::client)
          .withPropertyValues("limiter.client.domain=shop", "other.domain=other");

  @AfterEach
  void stop() {
    fake.close();
  }

  private void withShop(Consumer<Shop> test) {
    runner
        .withBean(Shop.class)
        .withBean("plans", Plans.class)
        .run(context -> test.accept(context.getBean(Shop.class)));
  }

  private Asked asked() {
    List<Asked> all = fake.asked();
    return all.get(all.size() - 1);
  }

  /** A plan for each user. */
  public static class Plans {
    /** The plan. */
    public String of(String user) {
      return user.equals("alice") ? "gold" : "free";
    }
  }

  /** Has methods of every kind. */
  public static class Shop {
    private final AtomicInteger called = new AtomicInteger();

    @RateLimited("user=#user")
    String order(@Nullable String user) {
      called.incrementAndGet();
      return "of " + user;
    }

    @RateLimited(
        domain = "${other.domain}",
        attributes = {
          "user=#p0",
          "plan = @plans.of(#user)",
          "eq='a=b'",
          "first=#items.?[#this.length > 3][0]",
          "method=#root.method.name",
          "args=#root.args.length"
        },
        cost = "#items.size() * 2")
    void orderAll(String user, List<String> items) {
      called.incrementAndGet();
    }

    @RateLimited("user=#user")
    CompletableFuture<String> later(@Nullable String user) {
      called.incrementAndGet();
      return CompletableFuture.completedFuture("of " + user);
    }

    @RateLimited("user=#user")
    CompletionStage<String> fails(String user) throws IOException {
      throw new IOException(user);
    }

    @RateLimited("user=#user")
    Mono<String> mono(@Nullable String user) {
      return Mono.fromSupplier(() -> "of " + user + called.incrementAndGet());
    }

    @RateLimited("user=#user")
    Flux<String> flux(String user) {
      called.incrementAndGet();
      return Flux.just("a", "b");
    }

    String free() {
      return "free";
    }
  }

  @Test
  void aCall_asksFirst_andDoesNotGoOnWhenItIsDenied() {
    withShop(
        shop -> {
          assertEquals("of alice", shop.order("alice"));
          assertEquals(
              new Asked("shop", Map.of("user", "alice"), 1, Map.of(), Optional.empty()), asked());
          fake.deny(WAIT);
          DeniedException denied = assertThrows(DeniedException.class, () -> shop.order("bob"));
          assertEquals(Optional.of(WAIT), denied.retryAfter());
          assertEquals("free", shop.free());
          assertEquals(2, fake.asked().size());
        });
  }

  @Test
  void expressions_seeParameters_beans_andTheCall() {
    withShop(
        shop -> {
          shop.orderAll("alice", List.of("pen", "paper"));
          assertEquals(
              new Asked(
                  "other",
                  Map.of(
                      "user",
                      "alice",
                      "plan",
                      "gold",
                      "eq",
                      "a=b",
                      "first",
                      "paper",
                      "method",
                      "orderAll",
                      "args",
                      "2"),
                  4,
                  Map.of(),
                  Optional.empty()),
              asked());
        });
  }

  @Test
  void aFuture_isDeniedWithoutAThrow() {
    withShop(
        shop -> {
          assertEquals("of alice", shop.later("alice").join());
          fake.deny(WAIT);
          CompletableFuture<String> denied = shop.later("alice");
          CompletionException failure = assertThrows(CompletionException.class, denied::join);
          assertInstanceOf(DeniedException.class, failure.getCause());
          CompletableFuture<String> unnamed = shop.later(null);
          assertInstanceOf(
              IllegalStateException.class,
              assertThrows(CompletionException.class, unnamed::join).getCause());
        });
  }

  @Test
  void aStage_failsWithWhatTheMethodThrows() {
    withShop(
        shop -> {
          CompletionStage<String> stage;
          try {
            stage = shop.fails("alice");
          } catch (IOException e) {
            throw new AssertionError(e);
          }
          CompletableFuture<String> future = stage.toCompletableFuture();
          assertInstanceOf(
              IOException.class, assertThrows(CompletionException.class, future::join).getCause());
        });
  }

  @Test
  void aMono_asksAtEachSubscription() {
    withShop(
        shop -> {
          Mono<String> mono = shop.mono("alice");
          assertEquals(0, fake.asked().size());
          StepVerifier.create(mono).expectNext("of alice1").verifyComplete();
          StepVerifier.create(mono).expectNext("of alice2").verifyComplete();
          fake.deny(WAIT);
          StepVerifier.create(mono).verifyError(DeniedException.class);
          assertEquals(3, fake.asked().size());
          StepVerifier.create(shop.mono(null)).verifyError(IllegalStateException.class);
        });
  }

  @Test
  void whatStandsBehindTheLimit_isCalledAtEachSubscriptionToo() {
    AtomicInteger behind = new AtomicInteger();
    runner
        .withBean(Shop.class)
        .withBean(
            DefaultPointcutAdvisor.class,
            () -> {
              MethodInterceptor counting =
                  invocation -> {
                    behind.incrementAndGet();
                    return invocation.proceed();
                  };
              DefaultPointcutAdvisor advisor =
                  new DefaultPointcutAdvisor(
                      AnnotationMatchingPointcut.forMethodAnnotation(RateLimited.class), counting);
              advisor.setOrder(Ordered.LOWEST_PRECEDENCE);
              return advisor;
            },
            definition -> definition.setRole(BeanDefinition.ROLE_INFRASTRUCTURE))
        .run(
            context -> {
              Mono<String> mono = context.getBean(Shop.class).mono("alice");
              assertEquals(0, behind.get());
              StepVerifier.create(mono).expectNextCount(1).verifyComplete();
              StepVerifier.create(mono).expectNextCount(1).verifyComplete();
              assertEquals(2, behind.get());
            });
  }

  @Test
  void aFlux_asksBeforeTheMethodIsCalled() {
    withShop(
        shop -> {
          fake.deny(WAIT);
          StepVerifier.create(shop.flux("alice")).verifyError(DeniedException.class);
          StepVerifier.create(shop.flux("alice")).expectNext("a", "b").verifyComplete();
          assertEquals(2, fake.asked().size());
        });
  }

  @Test
  void withoutReactor_methodsAreLimitedAllTheSame() {
    runner
        .withClassLoader(new FilteredClassLoader("reactor", "org.reactivestreams"))
        .withBean(Plain.class)
        .run(
            context -> {
              context.getBean(Plain.class).say("a");
              assertEquals(1, fake.asked().size());
            });
  }

  /** Limited as a whole. */
  @RateLimited("word=#p0")
  public static class Plain {
    /** Limited. */
    public String say(String word) {
      return word;
    }

    /** Its own annotation counts. */
    @RateLimited(cost = "5")
    public void shout() {}

    void hidden() {}

    @Override
    public String toString() {
      return "plain";
    }
  }

  @Test
  void onAType_itsPublicMethodsAreLimited() {
    runner
        .withBean(Plain.class)
        .run(
            context -> {
              Plain plain = context.getBean(Plain.class);
              assertNotSame(Plain.class, plain.getClass());
              assertEquals("plain", plain.toString());
              plain.hidden();
              assertEquals(0, fake.asked().size());
              plain.say("a");
              assertEquals(Map.of("word", "a"), asked().attributes());
              plain.shout();
              assertEquals(5, asked().cost());
              assertEquals(Map.of(), asked().attributes());
            });
  }

  /** A question about nobody. */
  @Test
  void aNull_orAFailure_isExplainedAtTheCall() {
    withShop(
        shop -> {
          assertEquals(
              "@RateLimited on Shop.order(String): expression \"#user\" of attribute \"user\" is"
                  + " null; say what to count such calls under, as in (…) ?: 'nobody'",
              assertThrows(IllegalStateException.class, () -> shop.order(null)).getMessage());
          String message =
              String.valueOf(
                  assertThrows(IllegalStateException.class, () -> shop.orderAll("bob", List.of()))
                      .getMessage());
          assertTrue(
              message.startsWith(
                  "@RateLimited on Shop.orderAll(String, List): expression"
                      + " \"#items.?[#this.length > 3][0]\" of attribute \"first\" fails: "),
              message);
          assertEquals(0, fake.asked().size());
        });
  }

  /** Names what is not there. */
  public static class Misspelt {
    @RateLimited("user=#usr")
    void order(String user) {}
  }

  /** Is no expression. */
  public static class Unreadable {
    @RateLimited("user=#user.(")
    void order(String user) {}
  }

  /** Has no name. */
  public static class Nameless {
    @RateLimited("#user")
    void order(String user) {}
  }

  /** The same name twice. */
  public static class Twice {
    @RateLimited({"user=#user", "user=#p0"})
    void order(String user) {}
  }

  /** A proxy does not see it. */
  public static class Hidden {
    @RateLimited
    private void order() {}

    void call() {
      order();
    }
  }

  /** Nor this. */
  public static class Final {
    @RateLimited
    final void order() {}
  }

  /** A cost that is none. */
  public static class Costly {
    @RateLimited(cost = "'much'")
    void order() {}
  }

  private String mistake(Class<?> type) {
    String[] message = new String[1];
    runner
        .withBean(type)
        .run(
            context -> {
              Throwable failure = context.getStartupFailure();
              assertFalse(failure == null, "it has started");
              while (failure.getCause() != null
                  && !String.valueOf(failure.getMessage()).startsWith("@RateLimited")) {
                failure = failure.getCause();
              }
              message[0] = failure.getMessage();
            });
    return message[0];
  }

  @Test
  void mistakes_areFoundAtStartUp_withTheRemedy() {
    assertEquals(
        "@RateLimited on Misspelt.order(String): expression \"#usr\" of attribute \"user\" names"
            + " #usr, which is no parameter; use #user or #root",
        mistake(Misspelt.class));
    String unreadable = mistake(Unreadable.class);
    assertTrue(
        unreadable.startsWith(
                "@RateLimited on Unreadable.order(String): expression \"#user.(\" of attribute"
                    + " \"user\" cannot be read: ")
            && unreadable.endsWith(
                "; write it in the Spring Expression Language, a text as 'text'"),
        unreadable);
    assertEquals(
        "@RateLimited on Nameless.order(String) has an attribute \"#user\" without a name; write"
            + " name=expression, as user=#userId",
        mistake(Nameless.class));
    assertEquals(
        "@RateLimited on Twice.order(String) has the attribute \"user\" twice; give each a name of"
            + " its own",
        mistake(Twice.class));
    assertEquals(
        "@RateLimited on Hidden.order() has no effect, since a proxy does not see private methods;"
            + " make it not private",
        mistake(Hidden.class));
    assertEquals(
        "@RateLimited on Final.order() has no effect, since a proxy does not see final methods;"
            + " make it not final",
        mistake(Final.class));
  }

  @Test
  void withoutADomain_itDoesNotStart() {
    runner
        .withPropertyValues("limiter.client.domain=")
        .withBean(Plain.class)
        .run(
            context ->
                assertTrue(
                    String.valueOf(context.getStartupFailure())
                        .contains(
                            " has no domain; name one, or set the property limiter.client.domain"),
                    () -> "" + context.getStartupFailure()));
  }

  @Test
  void aCostThatIsNone_isExplained() {
    runner
        .withBean(Costly.class)
        .run(
            context ->
                assertEquals(
                    "@RateLimited on Costly.order(): expression \"'much'\" of the cost is much; let"
                        + " it be a whole number of 0 or more",
                    assertThrows(
                            IllegalStateException.class,
                            () -> context.getBean(Costly.class).order())
                        .getMessage()));
  }
}
