package io.limiter.client.spring.method;

import io.limiter.client.LimiterClient;
import java.lang.reflect.Method;
import java.util.function.Supplier;
import org.aopalliance.aop.Advice;
import org.springframework.aop.ClassFilter;
import org.springframework.aop.Pointcut;
import org.springframework.aop.support.AbstractPointcutAdvisor;
import org.springframework.aop.support.StaticMethodMatcherPointcut;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.expression.BeanFactoryResolver;
import org.springframework.core.Ordered;

/**
 * Puts limits before the methods that are annotated with {@link
 * io.limiter.client.spring.RateLimited}. A mistake in an annotation fails the creation of its bean.
 * Thread-safe.
 */
public final class RateLimitedAdvisor extends AbstractPointcutAdvisor {
  private static final long serialVersionUID = 1L;

  private final transient Pointcut pointcut;
  private final transient Advice advice;

  /**
   * Limits methods.
   *
   * @param defaultDomain for annotations that name none; empty if there is none
   * @param limiter asked for at the first call
   */
  public RateLimitedAdvisor(
      ConfigurableListableBeanFactory beans,
      Supplier<String> defaultDomain,
      Supplier<LimiterClient> limiter) {
    LimitedMethods methods =
        new LimitedMethods(
            domain -> {
              String resolved = beans.resolveEmbeddedValue(domain);
              return resolved == null || resolved.isEmpty() ? defaultDomain.get() : resolved;
            },
            new BeanFactoryResolver(beans));
    pointcut = new Limited(methods);
    advice = new RateLimitedInterceptor(methods, limiter);
    // After method security, which has orders of its own, and before transactions and caches.
    setOrder(Ordered.LOWEST_PRECEDENCE - 100);
  }

  @Override
  public Pointcut getPointcut() {
    return pointcut;
  }

  @Override
  public Advice getAdvice() {
    return advice;
  }

  private static final class Limited extends StaticMethodMatcherPointcut {
    private final LimitedMethods methods;

    Limited(LimitedMethods methods) {
      this.methods = methods;
      ClassFilter filter = methods::in;
      setClassFilter(filter);
    }

    @Override
    public boolean matches(Method method, Class<?> targetClass) {
      return methods.find(method, targetClass).isPresent();
    }
  }
}
