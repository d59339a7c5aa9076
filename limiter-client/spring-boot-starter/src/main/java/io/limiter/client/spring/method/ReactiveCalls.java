package io.limiter.client.spring.method;

import io.limiter.client.CheckRequest;
import io.limiter.client.Decision;
import io.limiter.client.LimiterClient;
import io.limiter.client.decorate.RateLimited;
import java.util.function.Supplier;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.springframework.aop.ProxyMethodInvocation;
import org.springframework.core.ReactiveAdapter;
import org.springframework.core.ReactiveAdapterRegistry;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Calls whose result asks when it is subscribed to. Loaded only if Reactor is there. */
final class ReactiveCalls {
  private ReactiveCalls() {}

  /** How to convert what a method returns; null if that is nothing reactive. */
  static @Nullable ReactiveAdapter adapter(Class<?> returned) {
    return returned == Object.class
        ? null
        : ReactiveAdapterRegistry.getSharedInstance().getAdapter(returned);
  }

  /** The result of a call that is made at each subscription, once it is admitted. */
  static Object limited(
      ReactiveAdapter adapter,
      Supplier<CheckRequest> request,
      Supplier<LimiterClient> limiter,
      ProxyMethodInvocation invocation) {
    Mono<Decision> admitted =
        Mono.defer(
            () -> Mono.fromFuture(RateLimited.by(limiter.get(), request.get()).acquireAsync()));
    Supplier<Publisher<Object>> call = () -> called(adapter, invocation.invocableClone());
    return adapter.fromPublisher(
        adapter.isMultiValue()
            ? admitted.thenMany(Flux.defer(call))
            : admitted.then(Mono.defer(() -> Mono.from(call.get()))));
  }

  private static Publisher<Object> called(ReactiveAdapter adapter, MethodInvocation invocation) {
    try {
      return adapter.toPublisher(invocation.proceed());
    } catch (Throwable thrown) {
      return Flux.error(thrown);
    }
  }
}
