package io.limiter.client.spring.test;

import io.limiter.client.testing.FakeLimiter;
import org.springframework.context.ApplicationContext;
import org.springframework.test.context.TestContext;
import org.springframework.test.context.support.AbstractTestExecutionListener;
import org.springframework.util.ClassUtils;

/** Has each test begin with a fake that remembers nothing. */
final class FakeLimiterResetListener extends AbstractTestExecutionListener {
  private static final boolean HAS_FAKE =
      ClassUtils.isPresent(
          "io.limiter.client.testing.FakeLimiter", FakeLimiterResetListener.class.getClassLoader());

  FakeLimiterResetListener() {}

  @Override
  public void afterTestMethod(TestContext test) {
    if (HAS_FAKE && test.hasApplicationContext()) {
      reset(test.getApplicationContext());
    }
  }

  private static void reset(ApplicationContext context) {
    context.getBeanProvider(FakeLimiter.class).stream().forEach(FakeLimiter::reset);
  }
}
