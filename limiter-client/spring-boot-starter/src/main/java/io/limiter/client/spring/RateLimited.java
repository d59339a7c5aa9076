package io.limiter.client.spring;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.core.annotation.AliasFor;

/**
 * Limits calls of a bean's method, or of all public methods that a bean's type declares. The
 * service is asked before each call; a call that is denied ends with a {@link
 * io.limiter.client.decorate.DeniedException}.
 *
 * <pre>{@code
 * @RateLimited("user=#userId")
 * Order order(String userId, List<Item> items) { … }
 *
 * @RateLimited(domain = "shop", attributes = {"user=#userId", "plan=@plans.of(#userId)"},
 *     cost = "#items.size()")
 * CompletableFuture<Order> orderAsync(String userId, List<Item> items) { … }
 * }</pre>
 *
 * <p><b>Expressions</b> are of the Spring Expression Language. They see the method's parameters by
 * name ({@code #userId}; the class has to be compiled with {@code -parameters}) and by position
 * ({@code #p0}); the beans of the application ({@code @plans}); and as {@code #root} the call
 * itself: {@code #root.target}, {@code #root.method} and {@code #root.args}. What is wrong with an
 * expression is found when the bean is created, as far as it can be.
 *
 * <p><b>What a method returns</b> decides when the service is asked:
 *
 * <ul>
 *   <li>{@code CompletionStage}, {@code CompletableFuture}: at once, and no thread waits. The
 *       method is called on a thread of the client, so what is bound to the caller's thread is not
 *       there. A denial fails the stage.
 *   <li>{@code Mono}, {@code Flux} and other types of Reactor's adapters: at each subscription.
 *   <li>anything else: before the call, on its thread.
 * </ul>
 *
 * <p>An annotation on a method takes the place of one on its type. Calls within a bean are not
 * seen, as with all of Spring's proxies. The limit stands after method security and before
 * transactions and caches.
 */
@Target({ElementType.METHOD, ElementType.TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Documented
public @interface RateLimited {

  /** The {@link #attributes()}. */
  @AliasFor("attributes")
  String[] value() default {};

  /**
   * What describes the call: each {@code name=expression}. An expression's value is written as
   * text. It must not be null: a question without the attribute would pass rules that count it.
   */
  @AliasFor("value")
  String[] attributes() default {};

  /**
   * Which set of rules. May hold placeholders: {@code ${shop.domain}}. By default the property
   * {@code limiter.client.domain}.
   */
  String domain() default "";

  /** What to charge: an expression whose value is a whole number, 0 to 2^52. */
  String cost() default "1";

  /**
   * Has the call hold what it is charged until it is over, for rules of what happens at once. For
   * how long at most without a renewal, as {@code 30s} or {@code 1m}: positive, and no longer than
   * the rules let it be held. It is renewed in the background, and ends by itself if the process
   * dies. By default nothing is held, and a charge is final.
   *
   * <p>A call is over when the method returns or throws. Of a stage it is when the stage is
   * complete, of a publisher when it completes, fails or is cancelled.
   */
  String hold() default "";
}
