package io.limiter.client.spring.method;

import io.limiter.client.CheckRequest;
import io.limiter.client.LimiterClient;
import io.limiter.client.decorate.RateLimited;
import io.limiter.client.hold.Holding;
import io.limiter.client.hold.Permit;
import java.util.concurrent.CompletableFuture;
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
    Supplier<Publisher<Object>> call = () -> called(adapter, invocation.invocableClone());
    Supplier<Room> room = () -> Room.of(limiter.get(), request.get());
    return adapter.fromPublisher(
        adapter.isMultiValue()
            ? Flux.defer(() -> room.get().around(Flux.defer(call)))
            : Mono.defer(() -> room.get().around(Mono.defer(() -> Mono.from(call.get())))));
  }

  /** Room for one call, and what gives it back. */
  private record Room(Mono<?> admitted, Runnable release) {

    static Room of(LimiterClient limiter, CheckRequest question) {
      if (question.holds().isEmpty()) {
        return new Room(
            Mono.fromFuture(RateLimited.by(limiter, question).acquireAsync()), () -> {});
      }
      CompletableFuture<Permit> permit = Holding.by(limiter).acquireAsync(question);
      return new Room(Mono.fromFuture(permit), () -> release(permit));
    }

    /** One that has not come yet is given back when it comes. */
    private static void release(CompletableFuture<Permit> permit) {
      permit.cancel(false);
      var unused = permit.thenAccept(Permit::close);
    }

    <T> Flux<T> around(Flux<T> call) {
      return admitted.thenMany(call).doOnTerminate(release).doOnCancel(release);
    }

    <T> Mono<T> around(Mono<T> call) {
      return admitted.then(call).doOnTerminate(release).doOnCancel(release);
    }
  }

  private static Publisher<Object> called(ReactiveAdapter adapter, MethodInvocation invocation) {
    try {
      return adapter.toPublisher(invocation.proceed());
    } catch (Throwable thrown) {
      return Flux.error(thrown);
    }
  }
}
