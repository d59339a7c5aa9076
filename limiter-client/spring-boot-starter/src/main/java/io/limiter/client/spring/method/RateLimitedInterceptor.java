package io.limiter.client.spring.method;

import io.limiter.client.CheckRequest;
import io.limiter.client.LimiterClient;
import io.limiter.client.decorate.RateLimited;
import io.limiter.client.hold.Holding;
import io.limiter.client.hold.Permit;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.ProxyMethodInvocation;
import org.springframework.aop.support.AopUtils;
import org.springframework.core.ReactiveAdapter;
import org.springframework.util.ClassUtils;

/** Asks before a call goes on: when, depends on what the method returns. */
final class RateLimitedInterceptor implements MethodInterceptor {
  private static final boolean REACTOR =
      ClassUtils.isPresent(
          "reactor.core.publisher.Mono", RateLimitedInterceptor.class.getClassLoader());

  private final LimitedMethods methods;
  private final Supplier<LimiterClient> limiter;

  RateLimitedInterceptor(LimitedMethods methods, Supplier<LimiterClient> limiter) {
    this.methods = methods;
    this.limiter = limiter;
  }

  @Override
  public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
    Object target = invocation.getThis();
    Optional<LimitedMethod> limited =
        target == null
            ? Optional.empty()
            : methods.find(invocation.getMethod(), AopUtils.getTargetClass(target));
    if (target == null || limited.isEmpty()) {
      return invocation.proceed();
    }
    CallRoot call = new CallRoot(target, invocation.getMethod(), invocation.getArguments());
    Supplier<CheckRequest> request = () -> limited.get().request(call);
    Class<?> type = invocation.getMethod().getReturnType();
    if (CompletionStage.class.isAssignableFrom(type)
        && type.isAssignableFrom(CompletableFuture.class)) {
      return stage(request, copy(invocation));
    }
    if (REACTOR && !CompletionStage.class.isAssignableFrom(type)) {
      ReactiveAdapter adapter = ReactiveCalls.adapter(type);
      if (adapter != null) {
        return ReactiveCalls.limited(adapter, request, limiter, copy(invocation));
      }
    }
    CheckRequest question = request.get();
    if (question.holds().isEmpty()) {
      RateLimited.by(limiter.get(), question).acquire();
      return invocation.proceed();
    }
    Permit permit = Holding.by(limiter.get()).acquire(question);
    try {
      return invocation.proceed();
    } finally {
      permit.close();
    }
  }

  /** Outlives the call of this interceptor. */
  private static ProxyMethodInvocation copy(MethodInvocation invocation) {
    return (ProxyMethodInvocation) ((ProxyMethodInvocation) invocation).invocableClone();
  }

  private CompletionStage<?> stage(
      Supplier<CheckRequest> request, ProxyMethodInvocation invocation) {
    try {
      CheckRequest question = request.get();
      return question.holds().isEmpty()
          ? RateLimited.by(limiter.get(), question).completionStage(() -> called(invocation)).get()
          : Holding.by(limiter.get()).callAsync(question, () -> called(invocation));
    } catch (RuntimeException mistake) {
      return CompletableFuture.failedFuture(mistake);
    }
  }

  @SuppressWarnings("unchecked") // Whatever it completes with is passed on.
  private static CompletionStage<Object> called(ProxyMethodInvocation invocation) {
    try {
      return (CompletionStage<Object>) Objects.requireNonNull(invocation.proceed());
    } catch (Throwable thrown) {
      return CompletableFuture.failedFuture(thrown);
    }
  }
}
