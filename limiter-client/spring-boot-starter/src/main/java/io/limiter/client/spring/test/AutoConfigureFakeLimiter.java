package io.limiter.client.spring.test;

import io.limiter.client.spring.autoconfigure.LimiterClientAutoConfiguration;
import io.limiter.client.spring.autoconfigure.LimiterMethodAutoConfiguration;
import io.limiter.client.spring.autoconfigure.LimiterWebAutoConfiguration;
import io.limiter.client.spring.autoconfigure.LimiterWebFluxAutoConfiguration;
import io.limiter.client.spring.autoconfigure.LimiterWebMvcAutoConfiguration;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.context.annotation.Import;

/**
 * Has a test's application ask a fake service, without a port and without Redis. Goes beside
 * {@code @SpringBootTest}, and beside slices such as {@code @WebMvcTest}, which it gives their
 * limits.
 *
 * <pre>{@code
 * @SpringBootTest
 * @AutoConfigureFakeLimiter
 * class ShopTest {
 *   @Autowired FakeLimiter limiter;
 *   @Autowired Shop shop;
 *
 *   @Test
 *   void aDeniedOrder_isNotPlaced() {
 *     limiter.deny(Duration.ofSeconds(3));
 *     assertThrows(DeniedException.class, () -> shop.order("alice"));
 *   }
 * }
 * }</pre>
 *
 * <p>The {@link io.limiter.client.testing.FakeLimiter} is a bean, and is reset after each test. The
 * client waits for its answers for a minute, so that a slow machine fails no test. Needs {@code
 * limiter-client-testing} in the test's class path.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Documented
@Import(FakeLimiterConfiguration.class)
@ImportAutoConfiguration({
  AopAutoConfiguration.class,
  LimiterClientAutoConfiguration.class,
  LimiterMethodAutoConfiguration.class,
  LimiterWebAutoConfiguration.class,
  LimiterWebMvcAutoConfiguration.class,
  LimiterWebFluxAutoConfiguration.class
})
public @interface AutoConfigureFakeLimiter {}
